using MeshSdk.Kubernetes.Watching;
using MeshSdk.Runtime;
using MeshSdk.Sources;

namespace MeshSdk.Kubernetes.DependencyInjection;

/// <summary>Puts a source together from options and environment.</summary>
internal static class KubernetesSourceFactory
{
    public static KubernetesSource Create(MeshKubernetesOptions options, MeshEnvironment environment, ReflectorConnector connect) => new(
        KubernetesSourceSettings.From(options, environment.Caller, environment.Options.Startup.Timeout, environment.Options.ReferenceGrants == MeshReferenceGrants.Enforce) with
        {
            Peers = new PeerDemand(
                environment.Options.Security == MeshSecurity.On,
                environment.Options.AutoMtls != MeshAutoMtls.Off,
                HasIdentity: environment.Options.AutoMtls == MeshAutoMtls.Require)
            {
                ServesInbound = environment.Options.ServesInbound,
            },
        },
        connect,
        environment.Time,
        environment.CreateLogger<KubernetesSource>(),
        environment.Random);

    /// <summary>The connection to the real API server. Made when the mesh starts, so that what is wrong with it is a start that failed.</summary>
    public static ReflectorConnector Connector(MeshKubernetesOptions options, MeshEnvironment environment) => async cancellationToken =>
        await ReflectorFactory.CreateAsync(options, environment.Loggers, environment.Time, environment.Random, environment.Meters, cancellationToken)
            .ConfigureAwait(false);
}
