namespace MeshSdk.Http.Attempts;

/// <summary>What <see cref="MeshHttpRequestMessageExtensions.DisableMeshRetries"/> notes on a request.</summary>
internal static class RetryOptOut
{
    public static readonly HttpRequestOptionsKey<bool> Key = new("MeshSdk.DisableRetries");

    public static bool IsSet(HttpRequestMessage request) => request.Options.TryGetValue(Key, out var isSet) && isSet;
}
