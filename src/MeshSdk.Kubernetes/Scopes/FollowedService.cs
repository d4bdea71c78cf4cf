using MeshSdk.Kubernetes.Watching;
using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Kubernetes.Scopes;

/// <summary>One service that is followed by watches of its own.</summary>
internal sealed class FollowedService(ServiceId id, WatchedSet service)
{
    public ServiceId Id { get; } = id;

    /// <summary>The Service object itself: one, or none.</summary>
    public WatchedSet Service { get; } = service;

    /// <summary>Null until it is likely that there is such a service.</summary>
    public WatchedSet? Endpoints { get; set; }

    /// <summary>A name that somebody has called, and nothing more is known of it so far. There may be no such service.</summary>
    public bool IsMereName { get; set; }

    /// <summary>Null where the pods are not read.</summary>
    public WatchedSet? Pods { get; set; }

    /// <summary>Pods of a selector that the service had before, kept until those of the new one are there.</summary>
    public WatchedSet? FormerPods { get; set; }

    /// <summary>Called by this process itself, and not only led to by the routes of another service.</summary>
    public bool IsRoot { get; set; }

    /// <summary>A timestamp of the clock.</summary>
    public long LastUsed { get; set; }

    /// <summary>Until when its release may wait; a timestamp of the clock.</summary>
    public long Deadline { get; set; }

    /// <summary>Its Service may be delivered: all that its routes lead to is there, or told as unknown.</summary>
    public bool IsReleased { get; set; }

    public bool IsInForce { get; set; }

    /// <summary>Until when an answer is owed to those who ask for it; a timestamp of the clock.</summary>
    public long AnswerBy { get; set; }

    /// <summary>Why it is unknown, as those who ask were told last.</summary>
    public string? ToldReason { get; set; }

    public ResourceKey ServiceKey => new("Service", Id.Namespace, Id.Name);

    /// <summary>The mesh was told that it cannot be known whether it exists, and has not been told otherwise since.</summary>
    public bool IsToldAsUnknown { get; set; }

    /// <summary>That no service had the name was the last thing known before it was asked for again.</summary>
    public bool WasAbsent { get; set; }

    /// <summary>That the service does not exist is known.</summary>
    public bool IsAbsent => Service.IsKnown && Service.Objects.Count == 0;

    /// <summary>Nothing is gained by waiting for more of it.</summary>
    public bool IsSettled => Service.IsSettled && (IsAbsent
        || (Endpoints is null ? !Service.IsKnown : Endpoints.IsSettled && Pods is null or { IsSettled: true }));

    public IEnumerable<WatchedSet> Sets
    {
        get
        {
            yield return Service;
            if (Endpoints is not null)
            {
                yield return Endpoints;
            }

            if (Pods is not null)
            {
                yield return Pods;
            }

            if (FormerPods is not null)
            {
                yield return FormerPods;
            }
        }
    }

    public static WatchTarget ServiceTarget(ServiceId id) =>
        WatchedKinds.Services.Target with { Namespace = id.Namespace, FieldSelector = $"metadata.name={id.Name}" };

    public static WatchTarget EndpointsTarget(ServiceId id) => WatchedKinds.EndpointSlices.Target with
    {
        Namespace = id.Namespace,
        LabelSelector = $"{EndpointSlice.ServiceNameLabel}={id.Name}",
    };

    /// <summary>Null where the service selects no pods.</summary>
    public static WatchTarget? PodsTarget(Service service) => service.Spec.Selector is not { Count: > 0 } selector ? null : WatchedKinds.Pods.Target with
    {
        Namespace = service.Metadata.Namespace,
        LabelSelector = string.Join(',', selector.OrderBy(static label => label.Key, StringComparer.Ordinal).Select(static label => $"{label.Key}={label.Value}")),
    };
}
