using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;

namespace MeshSdk.Settings;

/// <summary>Finds wrong options when the application starts, and names them.</summary>
internal sealed partial class MeshOptionsValidator : IValidateOptions<MeshOptions>
{
    // What a timer can hold.
    private static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(uint.MaxValue - 1);

    public static void ThrowIfInvalid(MeshOptions options)
    {
        var result = new MeshOptionsValidator().Validate(Options.DefaultName, options);
        if (result.Failed)
        {
            throw new OptionsValidationException(Options.DefaultName, typeof(MeshOptions), result.Failures);
        }
    }

    public ValidateOptionsResult Validate(string? name, MeshOptions options)
    {
        var failures = new ValidateOptionsResultBuilder();
        Require(options.Namespace is null || Label().IsMatch(options.Namespace), "Namespace", $"'{options.Namespace}' is no Kubernetes namespace name");
        Require(Domain().IsMatch(options.ClusterDomain ?? ""), "ClusterDomain", $"'{options.ClusterDomain}' is no DNS domain");
        Require(options.TrustDomain is null || Domain().IsMatch(options.TrustDomain), "TrustDomain", $"'{options.TrustDomain}' is no trust domain");
        Require(options.RootNamespace is null || Label().IsMatch(options.RootNamespace), "RootNamespace", $"'{options.RootNamespace}' is no Kubernetes namespace name");
        Require(options.Locality is null || options.Locality.Split('/').Length <= 3, "Locality", $"'{options.Locality}' is not region/zone/subzone");
        Require(string.IsNullOrEmpty(options.NodeName) || Domain().IsMatch(options.NodeName), "NodeName", $"'{options.NodeName}' is no name of a node");
        Require(string.IsNullOrEmpty(options.PodName) || Domain().IsMatch(options.PodName), "PodName", $"'{options.PodName}' is no name of a pod");
        Require(Enum.IsDefined(options.DataPlane), "DataPlane", "is none of Auto, None, Sidecar and Ambient");
        Require(options.Labels is not null, "Labels", "is null");
        foreach (var (key, value) in options.Labels ?? new Dictionary<string, string>())
        {
            Require(LabelKey().IsMatch(key), "Labels", $"'{key}' is no Kubernetes label key");
            Require(LabelValue().IsMatch(value ?? ""), $"Labels:{key}", $"'{value}' is no Kubernetes label value");
        }

        Require(options.Manifests is not null && !options.Manifests.Any(string.IsNullOrWhiteSpace), "Manifests", "holds an empty path");
        Require(options.Startup is not null, "Startup", "is null");
        Require(Lasts(options.Startup?.Timeout ?? default), "Startup:Timeout", $"{options.Startup?.Timeout} is negative or longer than 49 days");
        Require(Enum.IsDefined(options.Startup?.Fallback ?? default), "Startup:Fallback", "is neither Fail nor PlainDns");
        Require(Enum.IsDefined(options.Security), "Security", "is neither On nor Off");
        Require(Enum.IsDefined(options.Outbound), "Outbound", "is neither AllowAny nor RegistryOnly");
        Require(Enum.IsDefined(options.ReferenceGrants), "ReferenceGrants", "is neither Ignore nor Enforce");
        Require(Lasts(options.DrainTimeout), "DrainTimeout", $"{options.DrainTimeout} is negative or longer than 49 days");
        Require(options.OutlierDetection is not null, "OutlierDetection", "is null");
        if (options.OutlierDetection is { } outliers)
        {
            Require(outliers.SuccessRate is not null, "OutlierDetection:SuccessRate", "is null");
            Require(outliers.FailurePercentage is not null, "OutlierDetection:FailurePercentage", "is null");
            if (outliers.SuccessRate is { } rate)
            {
                RequireCount(rate.StdevFactor, "OutlierDetection:SuccessRate:StdevFactor");
                RequirePercentage(rate.Enforcement, "OutlierDetection:SuccessRate:Enforcement");
                RequireCount(rate.MinimumHosts, "OutlierDetection:SuccessRate:MinimumHosts");
                RequireCount(rate.RequestVolume, "OutlierDetection:SuccessRate:RequestVolume");
            }

            if (outliers.FailurePercentage is { } percentage)
            {
                RequirePercentage(percentage.Threshold, "OutlierDetection:FailurePercentage:Threshold");
                RequirePercentage(percentage.Enforcement, "OutlierDetection:FailurePercentage:Enforcement");
                RequireCount(percentage.MinimumHosts, "OutlierDetection:FailurePercentage:MinimumHosts");
                RequireCount(percentage.RequestVolume, "OutlierDetection:FailurePercentage:RequestVolume");
            }
        }

        Require(Enum.IsDefined(options.AutoMtls), "AutoMtls", "is none of WhenIdentity, Require and Off");
        Require(options.Identity is not null, "Identity", "is null");
        if (options.Identity is { } identity)
        {
            string?[] files = [identity.CertificateFile, identity.PrivateKeyFile, identity.TrustBundleFile];
            Require(
                files.All(static file => file is null) || !files.Any(string.IsNullOrWhiteSpace),
                "Identity",
                "has CertificateFile, PrivateKeyFile and TrustBundleFile together or none of them; one is missing or empty");
            Require(identity.Directory is null || !string.IsNullOrWhiteSpace(identity.Directory), "Identity:Directory", "is empty");
            object?[] ways = [identity.Source, identity.Directory, files.FirstOrDefault(static file => file is not null)];
            Require(
                ways.Count(static way => way is not null) <= 1,
                "Identity",
                "names more than one place to have the identity from; of Source, Directory and CertificateFile set one");
        }

        return failures.Build();

        void RequirePercentage(int value, string option) => Require(value is >= 0 and <= 100, option, $"{value} is no percentage from 0 to 100");

        void RequireCount(int value, string option) => Require(value >= 0, option, $"{value} is negative");

        void Require(bool condition, string option, string problem)
        {
            if (!condition)
            {
                failures.AddError($"Mesh:{option} {problem}.");
            }
        }
    }

    private static bool Lasts(TimeSpan time) => time >= TimeSpan.Zero && time <= Longest;

    [GeneratedRegex(@"\A[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Label();

    [GeneratedRegex(@"\A[a-zA-Z0-9]([-_a-zA-Z0-9]*[a-zA-Z0-9])?(\.[a-zA-Z0-9]([-_a-zA-Z0-9]*[a-zA-Z0-9])?)*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Domain();

    [GeneratedRegex(@"\A([a-z0-9]([-.a-z0-9]*[a-z0-9])?/)?[a-zA-Z0-9]([-_.a-zA-Z0-9]{0,61}[a-zA-Z0-9])?\z", RegexOptions.CultureInvariant)]
    private static partial Regex LabelKey();

    [GeneratedRegex(@"\A([a-zA-Z0-9]([-_.a-zA-Z0-9]{0,61}[a-zA-Z0-9])?)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex LabelValue();
}
