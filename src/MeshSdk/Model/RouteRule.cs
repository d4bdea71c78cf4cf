using System.Collections.Immutable;

namespace MeshSdk.Model;

/// <summary>One rule: what happens to the requests that it matched.</summary>
internal sealed record RouteRule
{
    /// <summary>The route as written; null for the implicit rule of a service without routes.</summary>
    public RouteId? Route { get; init; }

    /// <summary>Zero-based position in the route as written.</summary>
    public int Index { get; init; }

    public string? Name { get; init; }

    /// <summary>Every backend with its weight, in the order written. May be empty.</summary>
    public required BackendSplit Backends { get; init; }

    /// <summary>Set where the rule as a whole cannot be served: every request that it matches gets this answer.</summary>
    public RouteFailure? Failure { get; init; }

    /// <summary>In the order written.</summary>
    public ImmutableArray<RouteFilter> Filters { get; init; } = [];

    public RouteTimeouts? Timeouts { get; init; }

    public RouteRetry? Retry { get; init; }

    public SessionPersistence? Session { get; init; }
}

/// <summary>Names a route object.</summary>
internal sealed record RouteId(string Kind, string Namespace, string Name)
{
    public override string ToString() => $"{Kind} {Namespace}/{Name}";
}

/// <summary>An answer that the mesh gives itself, and why, in one word.</summary>
internal sealed record RouteFailure(int Status, string Reason)
{
    /// <summary>The same for people, in one sentence.</summary>
    public string Message { get; init; } = "";
}

/// <summary>As written; null where unset, zero where switched off.</summary>
internal sealed record RouteTimeouts(TimeSpan? Request, TimeSpan? BackendRequest);

/// <summary>Retries as written, by a rule or for the whole mesh.</summary>
/// <param name="Attempts">How often a request may be sent again; the default of a stanza filled in.</param>
/// <param name="Codes">Statuses of a server that call for it.</param>
/// <param name="Backoff">The least wait before a retry; null where none is stated.</param>
internal sealed record RouteRetry(int Attempts, ImmutableArray<int> Codes, TimeSpan? Backoff)
{
    /// <summary>What the wait is drawn from where none is stated.</summary>
    public static readonly TimeSpan DefaultBackoff = TimeSpan.FromMilliseconds(25);

    /// <summary>
    /// Codes of gRPC that call for it where a reply consists of nothing else. Beside them, in what a rule says, a reply counts as the status of HTTP that its
    /// code stands for.
    /// </summary>
    public ImmutableArray<int> GrpcStatuses { get; init; } = [];

    /// <summary>
    /// Whether it is what the mesh does where no rule says anything: then codes of gRPC alone call for it where a reply consists of one, and a channel that
    /// retries by itself has the say.
    /// </summary>
    public bool IsDefault { get; init; }

    /// <summary>Which tries without an answer call for it.</summary>
    public RetryConditions Conditions { get; init; } = RetryConditions.Unanswered;
}

/// <summary>What may have become of a request that was not answered, and is sent again.</summary>
internal enum RetryConditions
{
    /// <summary>Anything, as the Gateway API has it: no connection, one that broke, or one that took too long.</summary>
    Unanswered,

    /// <summary>Nothing, as Istio has it by default: there was no connection, or the server said that it did not look at the request.</summary>
    Unprocessed,
}
