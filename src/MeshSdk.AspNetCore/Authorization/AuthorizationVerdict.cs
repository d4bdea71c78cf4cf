namespace MeshSdk.AspNetCore.Authorization;

/// <param name="IsAllowed">Whether the call may go on.</param>
/// <param name="Policy">That which has decided it, for people; null: none had to, or, where it is not allowed, none of those that allow calls allows this one.</param>
/// <param name="Rule">Which of its rules; -1 where there is no policy.</param>
internal readonly record struct AuthorizationVerdict(bool IsAllowed, string? Policy, int Rule)
{
    /// <summary>Nothing speaks against it.</summary>
    public static AuthorizationVerdict Allowed => new(true, null, -1);

    /// <summary>There are policies that allow calls, and none allows this one.</summary>
    public static AuthorizationVerdict NotAllowed => new(false, null, -1);
}
