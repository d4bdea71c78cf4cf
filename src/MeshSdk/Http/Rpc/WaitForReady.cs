namespace MeshSdk.Http.Rpc;

/// <summary>Whether a gRPC call waits until it can be sent, where it would fail: its channel notes on each request what the call's options say.</summary>
internal static class WaitForReady
{
    /// <summary>Set by Grpc.Net.Client, for balancers of its own.</summary>
    public static readonly HttpRequestOptionsKey<bool> Key = new("WaitForReady");

    /// <summary>Ask only where a call is about to fail: the options of a request are made by the first look at them.</summary>
    public static bool IsAsked(HttpRequestMessage request) => request.Options.TryGetValue(Key, out var isAsked) && isAsked;
}
