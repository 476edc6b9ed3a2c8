// A plain chat server on ASP.NET Core's WebSocket middleware.
//
//   dotnet run --project demo/servers/aspnet [-- --port 8203]
//
// TOKENS, REFUSE, PING_MS, MAX_MESSAGE_BYTES and PIECEWISE: see docs/SERVERS.md

using System.Net.WebSockets;
using PlainServer;

// How long clients get to answer the goodbye.
var goodbye = TimeSpan.FromSeconds(1);

var builder = WebApplication.CreateBuilder(args);
var settings = builder.Configuration;
// Whoever has one of these may come in. A real server would check a signature.
var tokens = settings.GetValue("TOKENS", "demo")!.Split(',');
// A wrong token: HTTP 401 before the upgrade, or close code 1008 after it, which a browser can see.
var refuseAfter = settings["REFUSE"] == "after";
var pingInterval = TimeSpan.FromMilliseconds(settings.GetValue("PING_MS", 30_000));
var maxMessageBytes = settings.GetValue("MAX_MESSAGE_BYTES", 32 * 1024 * 1024);

builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder.WebHost.UseUrls($"http://127.0.0.1:{settings.GetValue("PORT", 8203)}");
builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = goodbye);

var app = builder.Build();
var rooms = new Rooms();
var reader = new Reader(new Messages(rooms), maxMessageBytes, piecewise: settings["PIECEWISE"] == "1");

// With a timeout these are pings that the client must answer; without one they would be pongs that nobody answers.
app.UseWebSockets(new WebSocketOptions { KeepAliveInterval = pingInterval, KeepAliveTimeout = pingInterval });

app.Map("/ws", async (HttpContext context) =>
{
    if (!context.WebSockets.IsWebSocketRequest) return Results.StatusCode(StatusCodes.Status426UpgradeRequired);
    var known = tokens.Contains(context.Request.Query["access_token"].ToString());
    if (!known && !refuseAfter) return Results.Unauthorized();

    // Dangerous where a message mixes secrets with what an attacker may choose: its length then tells of the secret.
    var accept = new WebSocketAcceptContext { DangerousEnableCompression = true };
    using var socket = await context.WebSockets.AcceptWebSocketAsync(accept);
    var client = new Client(socket);
    if (known) await ServeAsync(client);
    else await socket.CloseAsync(WebSocketCloseStatus.PolicyViolation, "unknown token", CancellationToken.None);
    return Results.Empty;
});

app.Lifetime.ApplicationStarted.Register(() =>
{
    var address = app.Urls.First().Replace("http:", "ws:") + "/ws";
    Console.WriteLine(address);
    if (settings["TOKENS"] is null) Console.WriteLine($"Who is to come in needs a token: {address}?access_token=demo");
});
app.Lifetime.ApplicationStopping.Register(() =>
{
    var goodbyes = rooms.Clients.Select(client =>
        client.CloseAsync(WebSocketCloseStatus.EndpointUnavailable, "server is shutting down"));
    Task.WaitAll([.. goodbyes], goodbye);
});

app.Run();

async Task ServeAsync(Client client)
{
    rooms.Enter(client);
    try
    {
        await reader.RunAsync(client);
    }
    catch (WebSocketException)
    {
        // The link ended without a goodbye.
    }
    finally
    {
        rooms.Exit(client);
    }
}
