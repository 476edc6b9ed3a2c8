using System.Net.WebSockets;

namespace PlainServer;

/// <summary>Who is there, and who is in which room. A room is there as long as somebody is in it.</summary>
public sealed class Rooms
{
    private readonly Lock _lock = new();
    private readonly HashSet<Client> _clients = [];
    private readonly Dictionary<string, HashSet<Client>> _members = [];

    public IReadOnlyList<Client> Clients
    {
        get { lock (_lock) return [.. _clients]; }
    }

    public void Enter(Client client)
    {
        lock (_lock) _clients.Add(client);
    }

    public void Join(string room, Client client)
    {
        lock (_lock)
        {
            if (!_members.TryGetValue(room, out var members)) _members[room] = members = [];
            members.Add(client);
        }
    }

    public void Leave(string room, Client client)
    {
        lock (_lock)
        {
            if (_members.TryGetValue(room, out var members) && members.Remove(client) && members.Count == 0)
                _members.Remove(room);
        }
    }

    public void Exit(Client client)
    {
        lock (_lock)
        {
            _clients.Remove(client);
            foreach (var room in _members.Keys.ToList()) Leave(room, client);
        }
    }

    /// <summary>To everybody in any of these rooms, each of them once; to the sender too if it is one of them.</summary>
    public Task RelayAsync(ReadOnlyMemory<byte> data, WebSocketMessageType type, params IEnumerable<string> rooms)
    {
        List<Client> members;
        lock (_lock) members = [.. rooms.SelectMany(room => _members.GetValueOrDefault(room) ?? []).Distinct()];
        return Task.WhenAll(members.Select(member => member.SendAsync(data, type)));
    }
}
