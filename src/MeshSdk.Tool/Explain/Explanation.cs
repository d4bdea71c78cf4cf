using System.Text.Json;
using System.Text.Json.Serialization;

namespace MeshSdk.Tool.Explain;

/// <summary>
/// What would happen to one request. The properties and their order are a public interface that scripts read: may grow, never change.
/// Every property is always written.
/// </summary>
internal sealed record Explanation(
    string Action,
    ExplainedFrontend? Frontend,
    string? Scope,
    ExplainedRoute? Route,
    int? Status,
    int? GrpcStatus,
    string? Location,
    ExplainedRequest Request,
    IReadOnlyList<ExplainedBackend> Backends,
    IReadOnlyList<ExplainedMirror> Mirrors,
    ExplainedHeaderChange ResponseHeaders,
    ExplainedTimeouts? Timeouts,
    ExplainedRetry? Retry,
    ExplainedSession? SessionPersistence,
    IReadOnlyList<ExplainedDiagnostic> Diagnostics)
{
    /// <summary>Why it fails or passes through, for people; null where it is forwarded.</summary>
    [JsonIgnore]
    public string? Reason { get; init; }
}

/// <summary>The values of <see cref="Explanation.Action"/>.</summary>
internal static class ExplainedAction
{
    public const string Forward = "forward";
    public const string Redirect = "redirect";
    public const string Fail = "fail";
    public const string PassThrough = "passthrough";
}

internal sealed record ExplainedFrontend(string Namespace, string Service, int Port);

internal sealed record ExplainedRoute(string Kind, string Namespace, string Name, int Rule, string? RuleName, int? Match);

/// <summary>What goes out, after the filters of the rule.</summary>
internal sealed record ExplainedRequest(
    string Method, string Host, string Path, string Query, IReadOnlyDictionary<string, string> Headers);

/// <summary>What goes out to one backend, after its own filters too.</summary>
internal sealed record ExplainedBackendRequest(string Host, string Path, string Query, IReadOnlyDictionary<string, string> Headers);

internal sealed record ExplainedBackend(
    string Namespace,
    string Service,
    int? Port,
    int Weight,
    double Share,
    int? Status,
    int? GrpcStatus,
    ExplainedBackendRequest Request,
    ExplainedHeaderChange ResponseHeaders,
    string? Location,
    IReadOnlyList<ExplainedMirror> Mirrors,
    IReadOnlyList<ExplainedEndpoint> Endpoints,
    ExplainedPolicy Policy)
{
    /// <summary>Why its share cannot be served, for people; null where it can.</summary>
    [JsonIgnore]
    public string? Problem { get; init; }
}

internal sealed record ExplainedEndpoint(
    string Address, string Health, string? Locality, int Priority, int Weight, string Tls, IReadOnlyList<string> Sans)
{
    /// <summary>Why no request goes there as things are, for people; null where requests do.</summary>
    [JsonIgnore]
    public string? NotUsed { get; init; }

    /// <summary>Why requests go there only to be refused, for people: it has to prove who it is, and cannot, or nobody can tell who it is. Null where that is not so.</summary>
    public string? Withheld { get; init; }
}

internal sealed record ExplainedPolicy(
    ExplainedObject? DestinationRule, string LoadBalancer, string? Tls, JsonElement? OutlierDetection, JsonElement? ConnectionPool)
{
    /// <summary>The blocks of the policy beside load balancing and TLS, in the words that Istio's describe command has for them.</summary>
    [JsonIgnore]
    public IEnumerable<string> FurtherBlocks
    {
        get
        {
            if (ConnectionPool is not null)
            {
                yield return "connection pool";
            }

            if (OutlierDetection is not null)
            {
                yield return "outlier detection";
            }
        }
    }
}

internal sealed record ExplainedObject(string Namespace, string Name);

internal sealed record ExplainedMirror(string Namespace, string Service, int Port, double Fraction);

internal sealed record ExplainedHeaderChange(
    IReadOnlyDictionary<string, string> Set, IReadOnlyDictionary<string, string> Add, IReadOnlyList<string> Remove)
{
    public static ExplainedHeaderChange None { get; } = new(new Dictionary<string, string>(), new Dictionary<string, string>(), []);
}

/// <summary>Durations in the form of the Gateway API.</summary>
internal sealed record ExplainedTimeouts(string? Request, string? BackendRequest);

internal sealed record ExplainedRetry(int Attempts, IReadOnlyList<int> Codes, string Backoff);

internal sealed record ExplainedDiagnostic(string Severity, string Code, string Object, string Path, string Message);

/// <summary>What keeps the calls of one session on one endpoint. What only cookies have is null for a header.</summary>
internal sealed record ExplainedSession(string Type, string Name, string? Path, string? LifetimeType, string? AbsoluteTimeout);

/// <summary>The answer to a line of a batch that cannot be understood.</summary>
internal sealed record BatchError(string Error);
