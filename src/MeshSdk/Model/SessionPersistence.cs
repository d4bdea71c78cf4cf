namespace MeshSdk.Model;

/// <summary>Keeps the calls of one session on one endpoint.</summary>
internal sealed record SessionPersistence
{
    public required SessionCarrier Carrier { get; init; }

    /// <summary>The name of the cookie or header.</summary>
    public required string Name { get; init; }

    /// <summary>The path of the cookie.</summary>
    public string CookiePath { get; init; } = "/";

    /// <summary>Whether the cookie outlives the client's own session.</summary>
    public bool IsPermanent { get; init; }

    /// <summary>How long a session lasts at most; null: for ever.</summary>
    public TimeSpan? AbsoluteTimeout { get; init; }
}

/// <summary>Where the token of a session stands.</summary>
internal enum SessionCarrier
{
    Cookie,
    Header,
}
