namespace MeshSdk.Model;

/// <summary>What callers dial: one port of a service, and the routes that decide where its requests go.</summary>
internal sealed record FrontendModel(ClusterId Id, RouteScope? Scope, RouteTable Routes);

/// <summary>Which routes were consulted: those of the service's owner, or those of the caller's own namespace, which replace them.</summary>
internal enum RouteScope
{
    Producer,
    Consumer,
}
