namespace MeshSdk.Conformance.Echo;

/// <summary>What a server has received so far.</summary>
internal sealed class RequestLog
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, List<EchoRequest>> _calls = new(StringComparer.Ordinal);

    /// <summary>Notes a request and says how many of the same call came before it.</summary>
    public int Add(EchoRequest request)
    {
        lock (_lock)
        {
            // Without a name of its own a call is what is asked for, so that a script can also be followed from a shell.
            var key = request.Call ?? request.Target;
            if (!_calls.TryGetValue(key, out var requests))
            {
                _calls[key] = requests = [];
            }

            requests.Add(request);
            return requests.Count - 1;
        }
    }

    public IReadOnlyList<EchoRequest> Of(string call)
    {
        lock (_lock)
        {
            return _calls.TryGetValue(call, out var requests) ? [.. requests] : [];
        }
    }
}
