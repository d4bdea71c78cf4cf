namespace MeshSdk.Resilience;

/// <summary>What a try says to the pipeline that it is run in.</summary>
/// <param name="IsRetry">Another try is to follow.</param>
/// <param name="Wait">Exactly how long before it, as the server asked; null for the backoff.</param>
/// <param name="Step">How many waits of the backoff came before this one.</param>
internal readonly record struct RetryCue(bool IsRetry, TimeSpan? Wait, int Step);
