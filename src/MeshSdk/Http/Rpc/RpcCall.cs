using System.Collections.Immutable;
using MeshSdk.Routing;
using MeshSdk.Transport;

namespace MeshSdk.Http.Rpc;

/// <summary>
/// One gRPC call whose attempts a channel sends as requests of their own, as its service config has it: retries one after another, hedges at once. What was
/// decided for the first of them holds for the others. Flows with the execution context of the call, for the channel makes the messages itself.
/// </summary>
internal sealed class RpcCall
{
    private static readonly AsyncLocal<RpcCall?> Flow = new();

    // Reading what flows costs every request a little; most processes have no such call.
    private static volatile bool _isInUse;

    private volatile BoundBackend? _backend;
    private volatile BoundRule? _rule;
    private ImmutableArray<EndpointState> _tried = [];

    /// <summary>
    /// What is called, as <c>/package.Service/Method</c>: what else is called on the way, for a token that the call needs as a rule, is no attempt of it. Null:
    /// whatever is sent is one.
    /// </summary>
    public string? Path { get; init; }

    /// <summary>Whether the service config retries this call.</summary>
    public bool IsRetried { get; init; }

    /// <summary>Whether the service config hedges this call.</summary>
    public bool IsHedged { get; init; }

    /// <summary>The logical session that the call belongs to; null for none.</summary>
    public MeshSession? Session { get; init; }

    /// <summary>The rule that was chosen by the first attempt; null before that.</summary>
    public BoundRule? Rule => _rule;

    /// <summary>The backend that was chosen by the first attempt; null before that.</summary>
    public BoundBackend? Backend => _backend;

    /// <summary>The endpoints that attempts were sent to.</summary>
    public IReadOnlyList<EndpointState> Tried => ImmutableInterlocked.InterlockedCompareExchange(ref _tried, [], []);

    /// <summary>The call that a request is an attempt of; null for nearly all requests.</summary>
    public static RpcCall? Of(HttpRequestMessage request) =>
        _isInUse && GrpcCall.Is(request) && Flow.Value is { } call && (call.Path is null || call.Path == request.RequestUri?.PathAndQuery) ? call : null;

    /// <summary>The call of a method that is about to be made; null where nobody has begun one.</summary>
    public static RpcCall? Of(string path) => _isInUse && Flow.Value is { } call && call.Path == path ? call : null;

    /// <summary>Lets this flow into what is started before the scope is disposed of.</summary>
    public Scope Enter()
    {
        _isInUse = true;
        var scope = new Scope(ExecutionContext.Capture());
        Flow.Value = this;
        return scope;
    }

    /// <summary>Keeps the rule for the attempts to come; of those that begin at once the first one counts.</summary>
    public BoundRule Keep(BoundRule rule) => Interlocked.CompareExchange(ref _rule, rule, null) ?? rule;

    /// <summary>Keeps the backend for the attempts to come; of those that begin at once the first one counts.</summary>
    public BoundBackend Keep(BoundBackend backend) => Interlocked.CompareExchange(ref _backend, backend, null) ?? backend;

    /// <summary>Lets the attempts to come be decided on anew: what was decided is out of force.</summary>
    public void Forget() => (_rule, _backend) = (null, null);

    public void Note(EndpointState endpoint) =>
        ImmutableInterlocked.Update(ref _tried, static (tried, endpoint) => tried.Contains(endpoint) ? tried : tried.Add(endpoint), endpoint);

    /// <summary>Until it is disposed of, a call flows into what is started. The default ends nothing.</summary>
    internal readonly ref struct Scope(ExecutionContext? before)
    {
        private readonly bool _isEntered = true;

        // Putting back what was there costs no new context, as clearing the value would.
        public void Dispose()
        {
            if (before is not null)
            {
                ExecutionContext.Restore(before);
            }
            else if (_isEntered)
            {
                Flow.Value = null;
            }
        }
    }
}
