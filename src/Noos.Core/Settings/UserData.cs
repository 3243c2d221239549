namespace Noos.Core.Settings;

/// <summary>Where the user's own data lies: pulled models, saved chats, runs of the factory.</summary>
/// <param name="Folder">It need not exist; who writes there makes it.</param>
public sealed record UserData(string Folder)
{
    /// <summary>The place that the operating system gives to applications.</summary>
    public static UserData Default => new(Path.Combine(
        Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify), "noos"));
}
