namespace MeshSdk.Http.Sessions;

/// <summary>What a session's token says.</summary>
/// <param name="Endpoint">Which endpoint, see <see cref="SessionTokens.Identify"/>.</param>
/// <param name="Backend">At which position the backend stood in its rule: tells apart two that lead to the same cluster.</param>
internal readonly record struct SessionToken(ulong Endpoint, byte Backend);
