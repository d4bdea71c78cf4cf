namespace MeshSdk.Kubernetes.Tests.Resources;

/// <summary>Tests that measure the whole process, and so must not run beside others.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
