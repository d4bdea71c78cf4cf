namespace MeshSdk.Compilation;

/// <summary>The words of <see cref="MeshDiagnostic.Code"/>; the Gateway API's condition reasons where it has one.</summary>
internal static class DiagnosticCode
{
    /// <summary>An older object of the kind says it of the same service.</summary>
    public const string Conflicted = "Conflicted";

    public const string BackendNotFound = "BackendNotFound";
    public const string InvalidCACertificateRef = "InvalidCACertificateRef";
    public const string IncompatibleFilters = "IncompatibleFilters";
    public const string InvalidKind = "InvalidKind";
    public const string NoValidCACertificate = "NoValidCACertificate";
    public const string RefNotPermitted = "RefNotPermitted";
    public const string TargetNotFound = "TargetNotFound";
    public const string NoMatchingParent = "NoMatchingParent";
    public const string PartiallyInvalid = "PartiallyInvalid";
    public const string UnsupportedProtocol = "UnsupportedProtocol";
    public const string UnsupportedValue = "UnsupportedValue";

    /// <summary>A rule that leads to no backend at all.</summary>
    public const string NoBackends = "NoBackends";

    /// <summary>Well understood, and not acted on by this version.</summary>
    public const string NotImplemented = "NotImplemented";

    /// <summary>Has no meaning where it stands, by the specification.</summary>
    public const string Ignored = "Ignored";

    public const string Duplicate = "Duplicate";

    /// <summary>Well formed, and equal to nothing that it is ever compared with.</summary>
    public const string NeverMatches = "NeverMatches";

    /// <summary>Two services state one address.</summary>
    public const string DuplicateAddress = "DuplicateAddress";

    public const string InvalidAddress = "InvalidAddress";
    public const string UnknownHost = "UnknownHost";

    /// <summary>It cannot be told which routes or destination rules apply.</summary>
    public const string PolicyUnknown = "PolicyUnknown";

    /// <summary>It cannot be told which endpoints a service has.</summary>
    public const string EndpointsUnknown = "EndpointsUnknown";

    /// <summary>What is known of the endpoints of a service is too old to rely on.</summary>
    public const string EndpointsOutdated = "EndpointsOutdated";

    /// <summary>It cannot be told whether a backend exists.</summary>
    public const string BackendUnknown = "BackendUnknown";

    /// <summary>A sidecar does what the mesh would do in the process.</summary>
    public const string SidecarPresent = "SidecarPresent";

    /// <summary>Calls to a service do not get to its waypoint.</summary>
    public const string WaypointBypassed = "WaypointBypassed";

    /// <summary>A service is called by way of its waypoint, which does there what would be done here.</summary>
    public const string LeftToWaypoint = "LeftToWaypoint";

    /// <summary>The last sound version of an object stays in force.</summary>
    public const string FallBack = "FallBack";

    /// <summary>Endpoints that are not called, since they have to prove who they are, and cannot, or nobody can tell who that should be.</summary>
    public const string EndpointsWithheld = "EndpointsWithheld";

    /// <summary>Calls go out in plaintext that would be encrypted if the process had an identity.</summary>
    public const string PlaintextForWantOfIdentity = "PlaintextForWantOfIdentity";

    /// <summary>Calls go out in plaintext to those who ask for mutual TLS and nothing else, since it is switched off where they come from.</summary>
    public const string PlaintextToStrict = "PlaintextToStrict";

    /// <summary>A fault in the mesh's own code.</summary>
    public const string InternalFault = "InternalFault";
}
