using Grpc.Core;

namespace MeshSdk.Grpc.Tests.Fixtures.Scripts;

/// <summary>One attempt of a call, as a server saw it.</summary>
internal sealed record Arrival(string Server, string Method, IReadOnlyList<(string Name, string Value)> Metadata, DateTime Deadline, string Connection)
{
    private readonly TaskCompletionSource _cancelled = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when the server hears that nobody waits for the answer any more.</summary>
    public Task Cancelled => _cancelled.Task;

    public string? Find(string name) => Metadata.FirstOrDefault(entry => entry.Name == name).Value;

    public IReadOnlyList<string> All(string name) => [.. Metadata.Where(entry => entry.Name == name).Select(static entry => entry.Value)];

    public static Arrival Of(string server, ServerCallContext context)
    {
        var http = context.GetHttpContext();
        var arrival = new Arrival(
            server,
            context.Method,
            [.. context.RequestHeaders.Select(static entry => (entry.Key, entry.IsBinary ? Convert.ToBase64String(entry.ValueBytes) : entry.Value))],
            context.Deadline,
            http.Connection.Id);
        context.CancellationToken.Register(static state => ((TaskCompletionSource)state!).TrySetResult(), arrival._cancelled);
        return arrival;
    }
}
