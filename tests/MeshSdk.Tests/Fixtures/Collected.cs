namespace MeshSdk.Tests.Fixtures;

/// <summary>Waits for what follows from an object's being garbage.</summary>
internal static class Collected
{
    public static Task True(Func<bool> condition, string what) => Eventually.HoldsAsync(
        () =>
        {
            // A weak table lets go of a value only after it has noticed that the key is dead.
            GC.Collect();
            GC.WaitForPendingFinalizers();
            return condition();
        },
        what);
}
