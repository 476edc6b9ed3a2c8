using System.Net.WebSockets;

namespace PlainServer;

/// <summary>One client. A .NET WebSocket takes one send at a time, so the sends wait for each other.</summary>
public sealed class Client(WebSocket socket)
{
    private readonly SemaphoreSlim _turn = new(1, 1);

    public WebSocket Socket => socket;

    public Task SendTextAsync(ReadOnlyMemory<byte> text) => SendAsync(text, WebSocketMessageType.Text);

    public Task SendAsync(ReadOnlyMemory<byte> data, WebSocketMessageType type) =>
        InTurnAsync(() => socket.SendAsync(data, type, endOfMessage: true, CancellationToken.None).AsTask());

    /// <summary>Says goodbye. The reader goes on until the client has answered.</summary>
    public Task CloseAsync(WebSocketCloseStatus code, string reason) =>
        InTurnAsync(() => socket.CloseOutputAsync(code, reason, CancellationToken.None));

    private async Task InTurnAsync(Func<Task> write)
    {
        await _turn.WaitAsync();
        try
        {
            if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived) await write();
        }
        catch (Exception error) when (error is WebSocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The link broke between the look and the write. Its reader learns of the end, too.
        }
        finally
        {
            _turn.Release();
        }
    }
}
