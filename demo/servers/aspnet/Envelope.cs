using System.Text.Json;

namespace PlainServer;

/// <summary>One text message. The payload is a string; JSON in it is the sender's and the reader's affair.</summary>
public record Envelope(string Type, string? Room = null, string? Payload = null, string? Id = null, string? Ref = null)
{
    private static readonly JsonSerializerOptions AnyCase = new() { PropertyNameCaseInsensitive = true };

    public static Envelope? Parse(ReadOnlySpan<byte> text)
    {
        try
        {
            var envelope = JsonSerializer.Deserialize<Envelope>(text, AnyCase);
            return envelope?.Type is null ? null : envelope;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>As the serializer does it unless told otherwise: names as in C#, and null for what is not there.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this);
}
