using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;

namespace MeshSdk.Kubernetes.DependencyInjection;

/// <summary>Finds wrong options when the application starts, and names them and what would be right.</summary>
internal sealed partial class MeshKubernetesOptionsValidator : IValidateOptions<MeshKubernetesOptions>
{
    // What a timer can hold.
    private static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(uint.MaxValue - 1);

    // Calls are gathered for half a minute before they are told: a service could be let go while it is called all the time.
    private static readonly TimeSpan ShortestIdle = TimeSpan.FromMinutes(1);

    public static void ThrowIfInvalid(MeshKubernetesOptions options)
    {
        var result = new MeshKubernetesOptionsValidator().Validate(Options.DefaultName, options);
        if (result.Failed)
        {
            throw new OptionsValidationException(Options.DefaultName, typeof(MeshKubernetesOptions), result.Failures);
        }
    }

    public ValidateOptionsResult Validate(string? name, MeshKubernetesOptions options)
    {
        var failures = new ValidateOptionsResultBuilder();
        Require(options.Kubeconfig is null || !string.IsNullOrWhiteSpace(options.Kubeconfig), "Kubeconfig", "is empty; leave it out or name a file");
        Require(options.Context is null || !string.IsNullOrWhiteSpace(options.Context), "Context", "is empty; leave it out or name a context of the kubeconfig");
        Require(!string.IsNullOrWhiteSpace(options.ServiceAccountDirectory), "ServiceAccountDirectory", "is empty; leave it out or name a directory");
        Require(options.Namespaces is not null, "Namespaces", "is null; leave it out");
        foreach (var ns in options.Namespaces ?? [])
        {
            Require(ns is not null && Label().IsMatch(ns), "Namespaces", $"holds '{ns}', which is no Kubernetes namespace name");
        }

        Require(Enum.IsDefined(options.Scope), "Scope", "is none of OnDemand, Namespaces and Cluster");
        Require(Enum.IsDefined(options.Pods), "Pods", "is none of Auto, Always and Never");
        Require(Enum.IsDefined(options.Nodes), "Nodes", "is neither Auto nor Never");
        Require(Lasts(options.FirstCallTimeout), "FirstCallTimeout", $"{options.FirstCallTimeout} is not positive, or longer than 49 days");
        Require(
            options.IdleTimeout >= ShortestIdle && Lasts(options.IdleTimeout),
            "IdleTimeout",
            $"{options.IdleTimeout} is shorter than a minute, which is less than calls are noticed in, or longer than 49 days");
        Require(options.MaxServices > 0, "MaxServices", $"is {options.MaxServices}, and no service could be called; it has to be at least 1");
        Require(Lasts(options.StaleAfter), "StaleAfter", $"{options.StaleAfter} is not positive, or longer than 49 days");
        Require(
            options.SnapshotDirectory is null || !string.IsNullOrWhiteSpace(options.SnapshotDirectory),
            "SnapshotDirectory",
            "is empty; leave it out or name a directory of the process's own");
        Require(options.SnapshotMaxAge > TimeSpan.Zero, "SnapshotMaxAge", $"{options.SnapshotMaxAge} is not positive; to use no snapshots, leave SnapshotDirectory out");
        return failures.Build();

        void Require(bool condition, string option, string problem)
        {
            if (!condition)
            {
                failures.AddError($"Mesh:Kubernetes:{option} {problem}.");
            }
        }
    }

    private static bool Lasts(TimeSpan time) => time > TimeSpan.Zero && time <= Longest;

    [GeneratedRegex(@"\A[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Label();
}
