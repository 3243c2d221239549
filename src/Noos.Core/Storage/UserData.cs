namespace Noos.Core.Storage;

/// <summary>Where the user's own data lies: the variable NOOS_HOME, else the place that the operating system gives to applications.</summary>
public static class UserData
{
    public static string Folder =>
        Environment.GetEnvironmentVariable("NOOS_HOME") is { Length: > 0 } chosen
            ? chosen
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify), "noos");
}
