using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Compilation;

/// <summary>Resolves the backends of a rule. One that leads nowhere keeps its share, and that share is answered with its failure.</summary>
internal sealed class BackendResolver(ReferenceResolver references, FilterCompiler filters, ServiceSessions sessions)
{
    /// <param name="route">Whose rule it is.</param>
    /// <param name="written">The backend as written.</param>
    /// <param name="path">Where in the route it stands.</param>
    /// <param name="prefix">The prefix that the rule matches, where it matches just one; see <see cref="PathRewrite.Prefix"/>.</param>
    public BackendModel Resolve(Resource route, HttpBackendRef? written, string path, string? prefix)
    {
        // One that is null names no Service, and takes the share of one that states no weight.
        var backend = written ?? new HttpBackendRef();
        var cluster = new ClusterId(ResourceStoreReferences.NamespaceOr(backend.Namespace, route), backend.Name ?? "", backend.Port ?? 0);
        var failure = references.Resolve(route, backend, path, status => $"its share is answered with {AnswerText.Of(route, status)}");
        var own = filters.Compile(route, backend.Filters.OrEmpty(), $"{path}.filters", prefix, "its share");

        // A weight that means nothing fails the whole rule, so what stands in its place never counts.
        var weight = ResourceStoreAdmission.IsWeight(backend.Weight) ? backend.Weight ?? 1 : 0;
        return new BackendModel(cluster, weight, failure ?? own.Failure)
        {
            Filters = own.Filters,
            HasBadFilters = failure is null && own.Failure is not null,
            Session = failure is null ? sessions.Of(new ServiceId(cluster.Namespace, cluster.Service)) : null,
        };
    }
}
