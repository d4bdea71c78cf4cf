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
            var policy = new MethodPolicy(
                method.RetryPolicy?.RetryableStatusCodes.Aggregate(0u, static (bits, code) => bits | (1u << (int)code)), method.HedgingPolicy is not null);
            foreach (var name in method.Names)
            {
                _policies.TryAdd((name.Service ?? "", name.Method ?? ""), policy);
            }
        }
    }

    public MethodPolicy Of(IMethod method) =>
        _policies.Count == 0 ? default
        : _policies.TryGetValue((method.ServiceName, method.Name), out var policy) ? policy
        : _policies.TryGetValue((method.ServiceName, ""), out policy) ? policy
        : _policies.GetValueOrDefault(("", ""));
}

/// <summary>How many attempts a channel makes of a method's calls.</summary>
/// <param name="Retried">The codes that it retries, each a bit; null where it retries none.</param>
/// <param name="IsHedged">Whether it makes several at once.</param>
internal readonly record struct MethodPolicy(uint? Retried, bool IsHedged);
