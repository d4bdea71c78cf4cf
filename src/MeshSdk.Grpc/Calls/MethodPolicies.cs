using Grpc.Core;
using Grpc.Net.Client.Configuration;

namespace MeshSdk.Grpc.Calls;

/// <summary>What a channel's service config makes of each method, found as the channel itself finds it: by method, then by service, then the default.</summary>
internal sealed class MethodPolicies
{
    private readonly Dictionary<(string Service, string Method), MethodPolicy> _policies = [];

    public MethodPolicies(ServiceConfig? config)
    {
        foreach (var method in config?.MethodConfigs ?? [])
        {
            var policy = method.RetryPolicy is not null ? MethodPolicy.Retry : method.HedgingPolicy is not null ? MethodPolicy.Hedging : MethodPolicy.None;
            foreach (var name in method.Names)
            {
                _policies.TryAdd((name.Service ?? "", name.Method ?? ""), policy);
            }
        }
    }

    public MethodPolicy Of(IMethod method) =>
        _policies.Count == 0 ? MethodPolicy.None
        : _policies.TryGetValue((method.ServiceName, method.Name), out var policy) ? policy
        : _policies.TryGetValue((method.ServiceName, ""), out policy) ? policy
        : _policies.GetValueOrDefault(("", ""));
}

internal enum MethodPolicy
{
    /// <summary>One attempt.</summary>
    None,
    Retry,
    Hedging,
}
