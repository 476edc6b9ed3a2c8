using System.Net.WebSockets;

namespace PlainServer;

/// <summary>Reads one client's messages until its link ends.</summary>
public sealed class Reader(Messages messages, int maxMessageBytes, bool piecewise)
{
    private const int ReadBytes = 4 * 1024;

    public async Task RunAsync(Client client)
    {
        var buffer = new byte[ReadBytes];
        var message = new MemoryStream();
        while (client.Socket.State is WebSocketState.Open or WebSocketState.CloseSent)
        {
            var read = await client.Socket.ReceiveAsync(buffer, CancellationToken.None);
            if (read.MessageType == WebSocketMessageType.Close) break;
            // After our goodbye only the client's is of interest.
            if (client.Socket.State == WebSocketState.CloseSent) continue;
            if (piecewise)
            {
                // What not to do: without a look at EndOfMessage, a message of more than 4 KiB comes as several.
                await messages.HandleAsync(client, buffer.AsMemory(0, read.Count), read.MessageType);
                continue;
            }
            message.Write(buffer, 0, read.Count);
            if (message.Length > maxMessageBytes)
            {
                await client.CloseAsync(WebSocketCloseStatus.MessageTooBig, "message too big");
                continue;
            }
            if (!read.EndOfMessage) continue;
            await messages.HandleAsync(client, message.GetBuffer().AsMemory(0, (int)message.Length), read.MessageType);
            message.SetLength(0);
        }
        await AnswerCloseAsync(client);
    }

    private static Task AnswerCloseAsync(Client client) => client.Socket.State == WebSocketState.CloseReceived
        ? client.CloseAsync(client.Socket.CloseStatus ?? WebSocketCloseStatus.NormalClosure, "")
        : Task.CompletedTask;
}
