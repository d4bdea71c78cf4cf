using Grpc.Core;
using GrpcCanary.Protos;

namespace GrpcCanary.Client;

/// <summary>What came of one unary call.</summary>
/// <param name="Version">Of the server that answered; null where the call failed.</param>
/// <param name="Address">Where that one listens; null where the call failed.</param>
/// <param name="Caller">Whom it took the caller for; null where the call failed.</param>
/// <param name="Problem">Why the call failed; null where it did not.</param>
internal sealed record Reply(string? Version, string? Address, string? Caller, string? Problem)
{
    public static async Task<Reply> OfAsync(AsyncUnaryCall<HelloReply> call, CancellationToken cancellationToken)
    {
        try
        {
            var reply = await call;
            return new Reply(reply.Version, reply.Address, reply.Caller, null);
        }
        catch (RpcException e) when (!cancellationToken.IsCancellationRequested)
        {
            return new Reply(null, null, null, $"{e.StatusCode}: {e.Status.Detail}");
        }
    }
}
