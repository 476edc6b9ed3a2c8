using System.Buffers.Binary;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;

namespace PlainServer;

/// <summary>
/// What the server does with each message. Text is an <see cref="Envelope"/>; binary is a uint32 type in network byte
/// order, then anything.
/// </summary>
public sealed class Messages(Rooms rooms)
{
    private const string ClosedRoom = "forbidden";

    public Task HandleAsync(Client client, ReadOnlyMemory<byte> data, WebSocketMessageType type) =>
        type == WebSocketMessageType.Binary ? RelayFrameAsync(client, data) : HandleTextAsync(client, data);

    private async Task HandleTextAsync(Client client, ReadOnlyMemory<byte> text)
    {
        var message = Envelope.Parse(text.Span);
        switch (message)
        {
            case null:
                await RefuseAsync(client, null, "bad_message", "This is no JSON object with a type and a payload of text");
                break;
            case { Type: "ping" }:
                await client.SendTextAsync(Pong(message.Id));
                break;
            case { Type: "join" or "leave" or "broadcast", Room: null or "" }:
                await RefuseAsync(client, message, "bad_message", $"{message.Type} names no room");
                break;
            case { Type: "join", Room: ClosedRoom }:
                await RefuseAsync(client, message, "forbidden", "Nobody may enter this room");
                break;
            case { Type: "join" }:
                rooms.Join(message.Room, client);
                break;
            case { Type: "leave" }:
                rooms.Leave(message.Room, client);
                break;
            case { Type: "broadcast" } when Forgery.IsIn(message.Payload):
                await RefuseAsync(client, message, "forbidden", "This type is for the server to say");
                break;
            case { Type: "broadcast" }:
                var payload = Encoding.UTF8.GetBytes(message.Payload ?? "null");
                await rooms.RelayAsync(payload, WebSocketMessageType.Text, message.Room);
                break;
            case { Type: "time.get" }:
                var now = JsonSerializer.Serialize(new { now = DateTime.UtcNow.ToString("yyyy-MM-ddTHH:mm:ss.fffZ") });
                await client.SendTextAsync(new Envelope("time.get", Payload: now, Id: message.Id).ToJson());
                break;
            case { Type: "pong" or "error" }:
                // An answer to a ping of ours, or to anything else, asks for nothing.
                break;
            case { Id: not null }:
                await RefuseAsync(client, message, "unknown_type", $"There is no request {message.Type}");
                break;
        }
    }

    private Task RelayFrameAsync(Client client, ReadOnlyMemory<byte> frame)
    {
        if (frame.Length < 4)
            return RefuseAsync(client, null, "bad_message", "A binary message begins with a type of 4 bytes");
        var kind = BinaryPrimitives.ReadUInt32BigEndian(frame.Span);
        return rooms.RelayAsync(frame, WebSocketMessageType.Binary, "binary-stream", $"binary:{kind}");
    }

    /// <summary>In lower case, as such servers write it by hand.</summary>
    private static byte[] Pong(string? id) => id is null
        ? """{"type":"pong"}"""u8.ToArray()
        : JsonSerializer.SerializeToUtf8Bytes(new { type = "pong", id });

    private static Task RefuseAsync(Client client, Envelope? cause, string code, string message)
    {
        var payload = JsonSerializer.Serialize(new { code, message, retryable = false });
        var error = new Envelope("error", Room: cause?.Room, Payload: payload, Id: cause?.Id, Ref: cause?.Id);
        return client.SendTextAsync(error.ToJson());
    }
}
