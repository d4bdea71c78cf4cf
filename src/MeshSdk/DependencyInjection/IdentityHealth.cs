using System.Globalization;
using MeshSdk.Runtime;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MeshSdk.DependencyInjection;

/// <summary>
/// What the identity of the process makes of the mesh's health: unhealthy where there is to be one and none can be shown, because none has come or the last one has
/// expired; degraded while it cannot be renewed. A process that has nowhere to have one from is not the worse for it.
/// </summary>
internal static class IdentityHealth
{
    public static void AddTo(Dictionary<string, object> data, IdentityLifetime identity)
    {
        if (!identity.Finding.HasSource)
        {
            return;
        }

        data["identity:source"] = identity.Finding.Source.Name;
        if (identity.Store.Last?.Id is { } id)
        {
            data["identity"] = id.ToString();
        }

        if (identity.Expiry is { } expiry)
        {
            data["identity:notAfter"] = expiry.ToString("u", CultureInfo.InvariantCulture);
        }

        if (identity.Store.Failure is { } failure)
        {
            data["identity:failure"] = failure.Message;
        }
    }

    /// <summary>Null where nothing is wrong with it.</summary>
    public static (HealthStatus Status, string Description, Exception? Failure)? Of(IdentityLifetime identity, HealthStatus unhealthy)
    {
        var (finding, store) = (identity.Finding, identity.Store);
        var (current, failure) = (store.Current, store.Failure);
        if (!finding.HasSource || (current is not null && failure is null))
        {
            return null;
        }

        var reason = failure is null ? "" : $": {failure.Message}";
        return current is not null ? (HealthStatus.Degraded, $"The mesh identity cannot be renewed from {finding.Source.Name}, and stays in force until it expires{reason}", failure)
            : store.Last is not null ? (unhealthy, $"The mesh identity has expired, and calls that need one are refused{reason}", failure)
            : (unhealthy, $"No mesh identity has come from {finding.Source.Name} yet, and calls that need one are not answered{reason}", failure);
    }
}
