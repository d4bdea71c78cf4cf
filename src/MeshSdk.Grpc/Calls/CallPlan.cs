using Grpc.Core;
using Grpc.Net.Client.Configuration;
using MeshSdk.Http.Rpc;

namespace MeshSdk.Grpc.Calls;

/// <summary>What is done for each call of one channel before the channel begins it. The rest is done below, where its attempts arrive as requests.</summary>
internal sealed class CallPlan
{
    private readonly RpcMethods _methods;
    private readonly MeshGrpcOptions _options;
    private readonly MethodPolicies _policies;
    private readonly TimeProvider _time;
    private readonly MeshSession? _session;

    public CallPlan(RpcMethods methods, MeshGrpcOptions options, ServiceConfig? config, TimeProvider time)
        : this(methods, options, new MethodPolicies(config), time, session: null)
    {
    }

    private CallPlan(RpcMethods methods, MeshGrpcOptions options, MethodPolicies policies, TimeProvider time, MeshSession? session) =>
        (_methods, _options, _policies, _time, _session) = (methods, options, policies, time, session);

    /// <summary>The same for calls of a logical session.</summary>
    public CallPlan For(MeshSession? session) => new(_methods, _options, _policies, _time, session);

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
        return policy == MethodPolicy.None && session is null
            ? default
            : new RpcCall
            {
                Path = method.FullName,
                IsRetried = policy == MethodPolicy.Retry,
                IsHedged = policy == MethodPolicy.Hedging,
                Session = session,
            }.Enter();
    }

    private static RpcKind KindOf(MethodType type) => type switch
    {
        MethodType.Unary => RpcKind.Unary,
        MethodType.ClientStreaming => RpcKind.ClientStreaming,
        MethodType.ServerStreaming => RpcKind.ServerStreaming,
        _ => RpcKind.DuplexStreaming,
    };
}
