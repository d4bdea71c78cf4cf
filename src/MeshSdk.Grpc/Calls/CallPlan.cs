using Grpc.Core;
using Grpc.Net.Client.Configuration;
using MeshSdk.Http.Rpc;
using MeshSdk.Resilience;

namespace MeshSdk.Grpc.Calls;

/// <summary>What is done for each call of one channel before the channel begins it. The rest is done below, where its attempts arrive as requests.</summary>
internal sealed class CallPlan(RpcMethods methods, MeshGrpcOptions options, ServiceConfig? config, TimeProvider time, MeshSession? session = null)
{
    private readonly MethodPolicies _policies = new(config);
    private readonly RpcMethods _methods = Speaking(methods);

    // One for the channel, whosever calls they are.
    private RetryThrottle? Throttle { get; init; } =
        config?.RetryThrottling is { MaxTokens: { } most, TokenRatio: { } ratio } ? new RetryThrottle(most, ratio) : null;

    /// <summary>The same for calls of a logical session.</summary>
    public CallPlan For(MeshSession? other) => new(_methods, options, config, time, other) { Throttle = Throttle };

    public CallOptions Apply(IMethod method, CallOptions call)
    {
        var kind = KindOf(method.Type);
        _methods.Note(method.FullName, kind);
        if (options.WaitForReady)
        {
            call = call.WithWaitForReady();
        }

        var limit = kind == RpcKind.Unary ? options.Deadline : options.StreamDeadline;
        return limit is { } bound && time.GetUtcNow().UtcDateTime + bound is var deadline && !(call.Deadline <= deadline) ? call.WithDeadline(deadline) : call;
    }

    /// <summary>Lets the attempts of a call know of one another, where the channel may make several.</summary>
    public RpcCall.Scope Enter(IMethod method)
    {
        var policy = _policies.Of(method);
        if (policy == default && session is null && Throttle is null)
        {
            return default;
        }

        return new RpcCall
        {
            IsRetried = policy.Retried is not null,
            RetriedStatuses = policy.Retried ?? 0,
            IsHedged = policy.IsHedged,
            Session = session,
            Throttle = Throttle,
        }.Enter();
    }

    private static RpcMethods Speaking(RpcMethods methods)
    {
        methods.DeadlineExceeded ??= static detail => new RpcException(new Status(StatusCode.DeadlineExceeded, detail));
        return methods;
    }

    private static RpcKind KindOf(MethodType type) => type switch
    {
        MethodType.Unary => RpcKind.Unary,
        MethodType.ClientStreaming => RpcKind.ClientStreaming,
        MethodType.ServerStreaming => RpcKind.ServerStreaming,
        _ => RpcKind.DuplexStreaming,
    };
}
