using Grpc.Core;
using Grpc.Net.Client.Configuration;
using MeshSdk.Http.Rpc;
using MeshSdk.Resilience;

namespace MeshSdk.Grpc.Calls;

/// <summary>What is done for each call of one channel before the channel begins it. The rest is done below, where its attempts arrive as requests.</summary>
internal sealed class CallPlan
{
    private readonly RpcMethods _methods;
    private readonly MeshGrpcOptions _options;
    private readonly MethodPolicies _policies;
    private readonly TimeProvider _time;
    private readonly MeshSession? _session;

    // One for the channel, whosever calls they are.
    private readonly RetryThrottle? _throttle;

    public CallPlan(RpcMethods methods, MeshGrpcOptions options, ServiceConfig? config, TimeProvider time)
        : this(methods, options, new MethodPolicies(config), time, session: null, ThrottleOf(config)) =>
        methods.DeadlineExceeded ??= static detail => new RpcException(new Status(StatusCode.DeadlineExceeded, detail));

    private CallPlan(RpcMethods methods, MeshGrpcOptions options, MethodPolicies policies, TimeProvider time, MeshSession? session, RetryThrottle? throttle) =>
        (_methods, _options, _policies, _time, _session, _throttle) = (methods, options, policies, time, session, throttle);

    /// <summary>The same for calls of a logical session.</summary>
    public CallPlan For(MeshSession? session) => new(_methods, _options, _policies, _time, session, _throttle);

    public CallOptions Apply(IMethod method, CallOptions call)
    {
        var kind = KindOf(method.Type);
        _methods.Note(method.FullName, kind);
        if (_options.WaitForReady)
        {
            call = call.WithWaitForReady();
        }

        var limit = kind == RpcKind.Unary ? _options.Deadline : _options.StreamDeadline;
        return limit is { } bound && _time.GetUtcNow().UtcDateTime + bound is var deadline && !(call.Deadline <= deadline) ? call.WithDeadline(deadline) : call;
    }

    /// <summary>Lets the attempts of a call know of one another, where the channel may make several.</summary>
    public RpcCall.Scope Enter(IMethod method)
    {
        var policy = _policies.Of(method);

        // Free as long as no call of the process has a session or several attempts. Each call has an object of its own, also where it is made on behalf of another.
        var session = _session ?? RpcCall.Of(method.FullName)?.Session;
        if (policy == default && session is null && _throttle is null)
        {
            return default;
        }

        return new RpcCall
        {
            Path = method.FullName,
            IsRetried = policy.Retried is not null,
            RetriedStatuses = policy.Retried ?? 0,
            IsHedged = policy.IsHedged,
            Session = session,
            Throttle = _throttle,
        }.Enter();
    }

    private static RetryThrottle? ThrottleOf(ServiceConfig? config) =>
        config?.RetryThrottling is { MaxTokens: { } most, TokenRatio: { } ratio } ? new RetryThrottle(most, ratio) : null;

    private static RpcKind KindOf(MethodType type) => type switch
    {
        MethodType.Unary => RpcKind.Unary,
        MethodType.ClientStreaming => RpcKind.ClientStreaming,
        MethodType.ServerStreaming => RpcKind.ServerStreaming,
        _ => RpcKind.DuplexStreaming,
    };
}
