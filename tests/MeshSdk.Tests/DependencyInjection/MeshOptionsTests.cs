using MeshSdk.Compilation;
using MeshSdk.Model;
using MeshSdk.Runtime;
using MeshSdk.Settings;
using MeshSdk.Sources;
using MeshSdk.Tests.Runtime;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace MeshSdk.Tests.DependencyInjection;

public sealed class MeshOptionsTests
{
    [Fact]
    public void Every_option_binds_from_the_section()
    {
        var options = Bound(new()
        {
            ["Mesh:Enabled"] = "false",
            ["Mesh:Namespace"] = "shop",
            ["Mesh:Labels:app"] = "cart",
            ["Mesh:Labels:app.kubernetes.io/version"] = "v1",
            ["Mesh:Locality"] = "eu/a/1",
            ["Mesh:NodeName"] = "node-7",
            ["Mesh:PodName"] = "cart-6d4cf56db6-x7k2p",
            ["Mesh:DataPlane"] = "Ambient",
            ["Mesh:AllowWaypointBypass"] = "true",
            ["Mesh:ClusterDomain"] = "cluster.example",
            ["Mesh:TrustDomain"] = "td.example",
            ["Mesh:RootNamespace"] = "mesh-root",
            ["Mesh:Manifests:0"] = "mesh/",
            ["Mesh:Manifests:1"] = "overrides/",
            ["Mesh:Startup:Timeout"] = "00:00:02.5",
            ["Mesh:Startup:Fallback"] = "plaindns",
            ["Mesh:Security"] = "Off",
            ["Mesh:Outbound"] = "RegistryOnly",
            ["Mesh:ReferenceGrants"] = "Enforce",
            ["Mesh:IstioCompatible"] = "true",
            ["Mesh:OutlierDetection:AlwaysEjectOne"] = "true",
            ["Mesh:OutlierDetection:SuccessRate:Enabled"] = "true",
            ["Mesh:OutlierDetection:SuccessRate:StdevFactor"] = "500",
            ["Mesh:OutlierDetection:FailurePercentage:Enabled"] = "true",
            ["Mesh:OutlierDetection:FailurePercentage:RequestVolume"] = "7",
            ["Mesh:StripMirrorCredentials"] = "true",
            ["Mesh:SessionKey"] = "secret",
            ["Mesh:DrainTimeout"] = "00:01:00",
            ["Mesh:AutoMtls"] = "Require",
            ["Mesh:Identity:Directory"] = "/certs",
            ["Mesh:Identity:CertificateFile"] = "c",
            ["Mesh:Identity:PrivateKeyFile"] = "k",
            ["Mesh:Identity:TrustBundleFile"] = "r",
            ["Mesh:Identity:Detect"] = "false",
            ["Mesh:Identity:RequireTls13"] = "true",
        }, isValid: false);

        Assert.False(options.Enabled);
        Assert.Equal("shop", options.Namespace);
        Assert.Equal([new("app", "cart"), new("app.kubernetes.io/version", "v1")], options.Labels.OrderBy(static l => l.Key, StringComparer.Ordinal));
        Assert.Equal("eu/a/1", options.Locality);
        Assert.Equal("node-7", options.NodeName);
        Assert.Equal("cart-6d4cf56db6-x7k2p", options.PodName);
        Assert.Equal(MeshDataPlane.Ambient, options.DataPlane);
        Assert.True(options.AllowWaypointBypass);
        Assert.Equal("cluster.example", options.ClusterDomain);
        Assert.Equal("td.example", options.TrustDomain);
        Assert.Equal("mesh-root", options.RootNamespace);
        Assert.Equal(["mesh/", "overrides/"], options.Manifests);
        Assert.Equal(TimeSpan.FromSeconds(2.5), options.Startup.Timeout);
        Assert.Equal(MeshStartupFallback.PlainDns, options.Startup.Fallback);
        Assert.Equal(MeshSecurity.Off, options.Security);
        Assert.Equal(MeshOutbound.RegistryOnly, options.Outbound);
        Assert.Equal(MeshReferenceGrants.Enforce, options.ReferenceGrants);
        Assert.True(options.IstioCompatible);
        Assert.Equal(
            new OutlierAdditions(true, new SuccessRateModel(500), new FailurePercentageModel(RequestVolume: 7)),
            MeshEnvironment.CompilerOptionsOf(options).Outliers);
        Assert.True(options.StripMirrorCredentials);
        Assert.Equal("secret", options.SessionKey);
        Assert.Equal(TimeSpan.FromMinutes(1), options.DrainTimeout);
        Assert.Equal(MeshAutoMtls.Require, options.AutoMtls);
        Assert.Equal("/certs", options.Identity.Directory);
        Assert.Equal(("c", "k", "r"), (options.Identity.CertificateFile, options.Identity.PrivateKeyFile, options.Identity.TrustBundleFile));
        Assert.False(options.Identity.Detect);
        Assert.True(options.Identity.RequireTls13);
    }

    [Fact]
    public void Every_option_that_configuration_can_hold_is_in_the_test_above()
    {
        // Whoever adds an option adds it there, or here to those that only code can set.
        string[] inCodeAlone = [nameof(MeshOptions.InMemory), nameof(MeshOptions.ConfigureTransport), nameof(MeshOptions.TransportFactory)];
        string[] bound =
        [
            "Enabled", "Namespace", "Labels", "Locality", "NodeName", "PodName", "DataPlane", "AllowWaypointBypass", "ClusterDomain", "TrustDomain", "RootNamespace", "Manifests", "Startup", "Security", "Outbound",
            "OutlierDetection", "ReferenceGrants", "IstioCompatible", "StripMirrorCredentials", "SessionKey", "DrainTimeout",
            "Identity", "AutoMtls",
        ];
        Assert.Equal(bound.Concat(inCodeAlone).Order(), typeof(MeshOptions).GetProperties().Select(static p => p.Name).Order());
        string[] identity = ["Directory", "CertificateFile", "PrivateKeyFile", "TrustBundleFile", "Detect", "RequireTls13"];
        Assert.Equal(
            identity.Append(nameof(MeshIdentityOptions.Source)).Order(), typeof(MeshIdentityOptions).GetProperties().Select(static p => p.Name).Order());
    }

    [Fact]
    public void What_only_code_can_set_is_not_made_up_from_configuration()
    {
        var options = Bound(new() { ["Mesh:InMemory:Name"] = "x", ["Mesh:ConfigureTransport:Method"] = "x" });
        Assert.Null(options.InMemory);
        Assert.Null(options.ConfigureTransport);
        Assert.Contains(
            "ICertificateSource",
            Assert.Throws<InvalidOperationException>(static () => Bound(new() { ["Mesh:Identity:Source:Name"] = "x" })).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Binding_is_generated_code_and_needs_no_reflection() => Assert.Contains(
        typeof(MeshOptions).Assembly.GetTypes(),
        static type => type.Namespace == "Microsoft.Extensions.Configuration.Binder.SourceGeneration" && type.Name.EndsWith("BindingExtensions", StringComparison.Ordinal));

    [Fact]
    public void Without_any_configuration_the_defaults_hold()
    {
        using var services = new ServiceCollection().AddMesh().BuildServiceProvider();
        var options = services.GetRequiredService<IOptions<MeshOptions>>().Value;
        Assert.True(options.Enabled);
        Assert.Equal(TimeSpan.FromSeconds(10), options.Startup.Timeout);
        Assert.Equal(MeshStartupFallback.Fail, options.Startup.Fallback);
        Assert.Equal(TimeSpan.FromMinutes(5), options.DrainTimeout);
        Assert.Empty(options.Manifests);
        Assert.Equal(MeshAutoMtls.WhenIdentity, options.AutoMtls);
        Assert.True(options.Identity.Detect);
        Assert.False(options.Identity.RequireTls13);
        Assert.Equal(OutlierAdditions.None, MeshEnvironment.CompilerOptionsOf(options).Outliers);
    }

    [Fact]
    public void An_application_may_name_a_section_of_its_own()
    {
        var configuration = Configuration(new() { ["Mesh:Namespace"] = "unused", ["My:Net:Namespace"] = "used" });
        using var services = new ServiceCollection()
            .AddSingleton<IConfiguration>(configuration)
            .AddMesh()
            .AddMesh(configuration.GetSection("My:Net"), static mesh => mesh.UseManifests("mesh/"))
            .BuildServiceProvider();
        var options = services.GetRequiredService<IOptions<MeshOptions>>().Value;
        Assert.Equal("used", options.Namespace);
        Assert.Equal(["mesh/"], options.Manifests);
    }

    [Fact]
    public void What_code_says_comes_after_the_configuration_and_adds_to_its_lists()
    {
        using var services = new ServiceCollection()
            .AddMesh(static mesh => mesh.UseManifests("code/").Configure(static options => options.Namespace = "code"))
            .AddSingleton<IConfiguration>(Configuration(new() { ["Mesh:Namespace"] = "file", ["Mesh:Manifests:0"] = "file/" }))
            .AddMesh(static mesh => mesh.UseManifests("more/"))
            .BuildServiceProvider();
        var options = services.GetRequiredService<IOptions<MeshOptions>>().Value;
        Assert.Equal("code", options.Namespace);
        Assert.Equal(["file/", "code/", "more/"], options.Manifests);
    }

    public static TheoryData<string, string, string?> WrongOptions => new()
    {
        { "Mesh:Namespace", "Not A Namespace", null },
        { "Mesh:ClusterDomain", "", null },
        { "Mesh:ClusterDomain", "a..b", null },
        { "Mesh:Labels:a b", "x", "Mesh:Labels" },
        { "Mesh:Labels:app", "not a value", null },
        { "Mesh:TrustDomain", "-", null },
        { "Mesh:RootNamespace", "UPPER", null },
        { "Mesh:Locality", "a/b/c/d", null },
        { "Mesh:NodeName", "not a node", null },
        { "Mesh:PodName", "not a pod", null },
        { "Mesh:DataPlane", "7", null },
        { "Mesh:Manifests:0", " ", "Mesh:Manifests" },
        { "Mesh:Startup:Timeout", "-00:00:01", null },
        { "Mesh:Startup:Fallback", "7", null },
        { "Mesh:Security", "7", null },
        { "Mesh:Outbound", "7", null },
        { "Mesh:ReferenceGrants", "7", null },
        { "Mesh:DrainTimeout", "100.00:00:00", null },
        { "Mesh:OutlierDetection:SuccessRate:StdevFactor", "-1", null },
        { "Mesh:OutlierDetection:SuccessRate:Enforcement", "101", null },
        { "Mesh:OutlierDetection:SuccessRate:MinimumHosts", "-1", null },
        { "Mesh:OutlierDetection:SuccessRate:RequestVolume", "-1", null },
        { "Mesh:OutlierDetection:FailurePercentage:Threshold", "101", null },
        { "Mesh:OutlierDetection:FailurePercentage:Enforcement", "-1", null },
        { "Mesh:OutlierDetection:FailurePercentage:MinimumHosts", "-1", null },
        { "Mesh:OutlierDetection:FailurePercentage:RequestVolume", "-1", null },
        { "Mesh:AutoMtls", "7", null },
        { "Mesh:Identity:Directory", " ", null },
        { "Mesh:Identity:CertificateFile", "c", "Mesh:Identity" },
        { "Mesh:Identity:PrivateKeyFile", "", "Mesh:Identity" },
    };

    [Theory]
    [MemberData(nameof(WrongOptions))]
    public async Task A_wrong_option_stops_the_host_and_is_named(string option, string value, string? named)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection([new(option, value)]);
        builder.Services.AddSingleton<IResourceSource>(new ScriptedSource()).AddMesh();
        using var host = builder.Build();
        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());
        Assert.StartsWith((named ?? option) + " ", Assert.Single(error.Failures), StringComparison.Ordinal);
    }

    [Fact]
    public void An_identity_comes_from_one_place()
    {
        static int Failures(Action<MeshIdentityOptions> configure)
        {
            var options = new MeshOptions();
            configure(options.Identity);
            return new MeshOptionsValidator().Validate(null, options).Failures?.Count() ?? 0;
        }

        Assert.Equal(0, Failures(static i => i.Directory = "d"));
        Assert.Equal(0, Failures(static i => (i.CertificateFile, i.PrivateKeyFile, i.TrustBundleFile) = ("c", "k", "r")));
        Assert.Equal(0, Failures(static i => i.Source = new InMemoryCertificateSource()));
        Assert.Equal(1, Failures(static i => (i.Directory, i.CertificateFile, i.PrivateKeyFile, i.TrustBundleFile) = ("d", "c", "k", "r")));
        Assert.Equal(1, Failures(static i => (i.Directory, i.Source) = ("d", new InMemoryCertificateSource())));
        Assert.Equal(1, Failures(static i => (i.CertificateFile, i.PrivateKeyFile) = ("c", "k")));
    }

    [Theory]
    [InlineData("Mesh:Startup:Timeout", "10s")]
    [InlineData("Mesh:Security", "Perhaps")]
    [InlineData("Mesh:Enabled", "ja")]
    public void A_value_of_the_wrong_type_is_named(string option, string value)
    {
        var error = Assert.Throws<InvalidOperationException>(() => Bound(new() { [option] = value }));
        Assert.Contains($"'{option}'", error.Message, StringComparison.Ordinal);
    }

    // All options at once make no sense: they can be bound all the same.
    private static MeshOptions Bound(Dictionary<string, string?> settings, bool isValid = true)
    {
        var collection = new ServiceCollection().AddSingleton(Configuration(settings)).AddMesh();
        if (!isValid)
        {
            collection.RemoveAll<IValidateOptions<MeshOptions>>();
        }

        using var services = collection.BuildServiceProvider();
        return services.GetRequiredService<IOptions<MeshOptions>>().Value;
    }

    private static IConfiguration Configuration(Dictionary<string, string?> settings) =>
        new ConfigurationBuilder().AddInMemoryCollection(settings).Build();
}
