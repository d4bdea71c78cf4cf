using MeshSdk.Http.Rpc;

namespace MeshSdk.Http.Attempts;

/// <summary>Why a gRPC call goes on that was not acted on, whatever its route says of retries.</summary>
internal enum Unsent
{
    /// <summary>It does not.</summary>
    No,

    /// <summary>There is somebody to send it to.</summary>
    Elsewhere,

    /// <summary>The server has said that it did nothing with it.</summary>
    Refused,

    /// <summary>It waits: there is no endpoint that could be used.</summary>
    NoEndpoint,

    /// <summary>It waits: none of the endpoints could be reached.</summary>
    Unreachable,

    /// <summary>It waits: endpoints want an identity that this process does not have yet.</summary>
    LacksIdentity,
}

internal static class UnsentCalls
{
    /// <summary>What became of a gRPC call that failed to be sent.</summary>
    /// <param name="error">What was thrown.</param>
    /// <param name="request">The call.</param>
    /// <param name="mayBeRefused">Whether it may be sent once more where a server did nothing with it.</param>
    /// <param name="cancellationToken">The caller's.</param>
    public static Unsent Of(Exception error, HttpRequestMessage request, bool mayBeRefused, CancellationToken cancellationToken) =>
        cancellationToken.IsCancellationRequested ? Unsent.No
        : FailureKind.IsUnsent(error, cancellationToken) ? Unsent.Unreachable
        : FailureKind.IsLackOfIdentity(error) ? WaitForReady.IsAsked(request) ? Unsent.LacksIdentity : Unsent.No
        : mayBeRefused && FailureKind.IsRefusedStream(error) ? Unsent.Refused
        : Unsent.No;

    /// <summary>Whether a call of that kind is written anew each time that it is sent.</summary>
    public static bool HasOneMessage(RpcKind kind) => kind is RpcKind.Unary or RpcKind.ServerStreaming;
}
