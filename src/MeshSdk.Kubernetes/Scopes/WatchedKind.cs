using System.Collections.Immutable;
using MeshSdk.Kubernetes.Watching;
using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Kubernetes.Scopes;

/// <summary>A kind of objects, and which of them are followed.</summary>
/// <param name="Target">The objects of all namespaces; narrowed down to what is really followed.</param>
internal sealed record WatchedKind(WatchTarget Target)
{
    /// <summary>Followed in the root namespace of the mesh too, whose objects count everywhere.</summary>
    public bool InRootNamespace { get; init; }

    /// <summary>Followed only where references into other namespaces need a grant.</summary>
    public bool ForGrants { get; init; }

    /// <summary>Followed only where the policies of peers count.</summary>
    public bool ForPeers { get; init; }

    /// <summary>
    /// Followed only for a process that others call, and of all namespaces in its own and the root namespace alone: nobody else's are of any concern to it.
    /// </summary>
    public bool ForOwnPod { get; init; }

    /// <summary>What comes of it where it may not be read, for people; empty where calls fail.</summary>
    public string Without { get; init; } = "None of them is in force";

    /// <summary>No call is made safer by it, so that none fails where it may not be read: that is told, and nothing more.</summary>
    public bool IsAdvisory { get; init; }

    /// <summary>Most processes do well without it: where it may not be read that is told, and is no matter of health.</summary>
    public bool IsOptional { get; init; }

    /// <summary>Of a kind of routes: which services an object of it attaches to, and which ones it leads to.</summary>
    public Func<Resource, RouteLinks>? Links { get; init; }

    public string Kind => Target.Kind.Kind;
}

/// <summary>Where a route hangs, and where it leads.</summary>
internal readonly record struct RouteLinks(ImmutableArray<ServiceId> Parents, ImmutableArray<ServiceId> Backends);
