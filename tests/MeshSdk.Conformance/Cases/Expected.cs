namespace MeshSdk.Conformance.Cases;

/// <summary>What an answer has to be. What is null is not looked at.</summary>
internal sealed record Expected
{
    public int Status { get; init; } = 200;

    /// <summary>The workload whose pod answers; null: no pod may have answered, unless the status is 200.</summary>
    public string? Pod { get; init; }

    /// <summary>The namespace of the pod; null: the one that the scenario's backends are in.</summary>
    public string? Namespace { get; init; }

    /// <summary>Path and query that the pod receives; null: those that were sent.</summary>
    public string? Target { get; init; }

    /// <summary>The host that the pod receives; null: the one that was called.</summary>
    public string? Host { get; init; }

    /// <summary>Request headers that the pod sees, exactly; a null value: that it does not see.</summary>
    public IReadOnlyList<(string Name, string? Value)> Sees { get; init; } = [];

    /// <summary>Response headers that the caller sees, exactly; a null value: that it does not see.</summary>
    public IReadOnlyList<(string Name, string? Value)> Returns { get; init; } = [];

    public string? Location { get; init; }

    /// <summary>Null: 0 where the call is gRPC.</summary>
    public int? GrpcStatus { get; init; }

    public static Expected From(string pod) => new() { Pod = pod };

    public static Expected Answer(int status) => new() { Status = status };

    public static Expected Redirect(int status, string location) => new() { Status = status, Location = location };

    /// <summary>A gRPC failure, which is an HTTP success.</summary>
    public static Expected Grpc(int status) => new() { GrpcStatus = status };

    public Expected Seeing(params (string Name, string? Value)[] headers) => this with { Sees = [.. Sees, .. headers] };

    public Expected Returning(params (string Name, string? Value)[] headers) => this with { Returns = [.. Returns, .. headers] };

    public override string ToString() =>
        Location is not null ? $"{Status} {Location}"
        : GrpcStatus is not null ? $"gRPC {GrpcStatus}"
        : Pod is null ? $"{Status}"
        : $"{Pod}{(Target is null ? "" : $" as {Target}")}{(Host is null ? "" : $" as {Host}")}";
}
