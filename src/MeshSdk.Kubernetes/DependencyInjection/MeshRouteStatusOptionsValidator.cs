using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;

namespace MeshSdk.Kubernetes.DependencyInjection;

/// <summary>Finds wrong options of the status writer when the application starts.</summary>
internal sealed partial class MeshRouteStatusOptionsValidator(IOptions<MeshKubernetesOptions> kubernetes) : IValidateOptions<MeshRouteStatusOptions>
{
    private const int LongestName = 253;

    private static readonly TimeSpan ShortestLease = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan LongestLease = TimeSpan.FromHours(1);

    public ValidateOptionsResult Validate(string? name, MeshRouteStatusOptions options)
    {
        var failures = new ValidateOptionsResultBuilder();
        Require(
            options.ControllerName is { Length: <= LongestName } && Controller().IsMatch(options.ControllerName),
            nameof(options.ControllerName), $"'{options.ControllerName}' is no domain and path, as in mesh.example.com/route-status");
        Require(
            options.LeaseName is { Length: <= LongestName } && Subdomain().IsMatch(options.LeaseName),
            nameof(options.LeaseName), $"'{options.LeaseName}' is no name of a Kubernetes object");
        Require(
            options.LeaseNamespace is null || Label().IsMatch(options.LeaseNamespace),
            nameof(options.LeaseNamespace), $"'{options.LeaseNamespace}' is no Kubernetes namespace name");
        Require(
            options.LeaseDuration >= ShortestLease && options.LeaseDuration <= LongestLease && options.LeaseDuration.Ticks % TimeSpan.TicksPerSecond == 0,
            nameof(options.LeaseDuration), $"{options.LeaseDuration} is no number of whole seconds from 3 s to 1 h");
        Require(options.WritesPerSecond is >= 1 and <= 1000, nameof(options.WritesPerSecond), $"{options.WritesPerSecond} is not from 1 to 1000");
        if (kubernetes.Value.Scope != MeshKubernetesScope.Cluster)
        {
            // A route may have its parents and backends in any namespace: who sees a part of them would call the rest missing.
            failures.AddError($"Route status can only be written by who follows the whole cluster: Mesh:Kubernetes:Scope is {kubernetes.Value.Scope} and has to be Cluster.");
        }

        return failures.Build();

        void Require(bool condition, string option, string problem)
        {
            if (!condition)
            {
                failures.AddError($"{nameof(MeshRouteStatusOptions)}.{option}: {problem}.");
            }
        }
    }

    // As the CRDs have it.
    [GeneratedRegex(@"\A[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/[A-Za-z0-9/\-._~%!$&'()*+,;=:]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex Controller();

    [GeneratedRegex(@"\A[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Subdomain();

    [GeneratedRegex(@"\A[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Label();
}
