using System.Text;
using System.Text.Json;

namespace PlainServer;

/// <summary>Payloads that a client who got them bare would take for the server's own word.</summary>
public static class Forgery
{
    /// <summary>The payload goes on as it came, so nothing that a client can read is too deep to be looked at.</summary>
    private static readonly JsonReaderOptions AnyDepth = new() { MaxDepth = int.MaxValue };

    public static bool IsIn(string? payload)
    {
        // Only an object can be an envelope, and some clients read a list as several: all else need not be parsed.
        if (payload?.TrimStart() is not ['{' or '[', ..]) return false;
        try
        {
            return HasReservedType(new Utf8JsonReader(Encoding.UTF8.GetBytes(payload), AnyDepth));
        }
        catch (JsonException)
        {
            // No JSON, so no envelope.
            return false;
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair in a name or type: what it hides cannot be known here.
            return true;
        }
    }

    /// <summary>Token by token, as the time for a document grows with the square of its depth.</summary>
    private static bool HasReservedType(Utf8JsonReader reader)
    {
        reader.Read();
        var depth = reader.TokenType == JsonTokenType.StartArray ? 2 : 1;
        while (reader.Read())
        {
            if (reader.TokenType != JsonTokenType.PropertyName || reader.CurrentDepth != depth) continue;
            // Clients read names in any case; where a name comes twice, which one counts is for each to say.
            var isType = "type".Equals(reader.GetString(), StringComparison.OrdinalIgnoreCase);
            reader.Read();
            if (isType && reader.TokenType == JsonTokenType.String && IsReserved(reader.GetString()!)) return true;
        }
        return false;
    }

    /// <summary>Of the protocol's own types only pieces of a message may come from another client.</summary>
    private static bool IsReserved(string type) => type switch
    {
        "error" or "ping" or "pong" or "join" or "leave" or "broadcast" => true,
        "$fragment" or "$abort" => false,
        _ => type.StartsWith('$'),
    };
}
