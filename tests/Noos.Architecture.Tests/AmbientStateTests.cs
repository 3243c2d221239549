using System.Text.RegularExpressions;

namespace Noos.Architecture.Tests;

/// <summary>
/// Libraries get settings and clocks from outside, so that a test or a host can set them.
/// </summary>
public sealed partial class AmbientStateTests
{
    static readonly string[] s_environmentReaders =
    [
        "src/Noos.Core/Settings/NoosSettings.cs",
    ];

    static readonly string[] s_settingsReaders =
    [
        "src/Noos.Cli/Program.cs",
    ];

    [Fact]
    public void Variables_of_the_environment_are_read_in_one_place() =>
        Assert.Empty(FilesWith(VariableRead(), "src").Except(s_environmentReaders));

    [Fact]
    public void Only_programs_ask_for_the_settings_of_the_environment() =>
        Assert.Empty(FilesWith(SettingsRead(), "src").Except(s_settingsReaders));

    [Theory]
    [InlineData("src/Noos.Kernel")]
    [InlineData("src/Noos.Cpus")]
    [InlineData("src/Noos.Server")]
    [InlineData("src/Noos.Pages")]
    public void Time_is_asked_of_a_time_provider(string project) =>
        Assert.Empty(FilesWith(ClockRead(), project));

    static IEnumerable<string> FilesWith(Regex forbidden, string folder) => Repository.Sources(folder)
        .Where(path => forbidden.IsMatch(File.ReadAllText(path)))
        .Select(path => Path.GetRelativePath(Repository.Root, path).Replace('\\', '/'));

    [GeneratedRegex(@"\bEnvironment\.(GetEnvironmentVariable|ExpandEnvironmentVariables)", RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 10_000)]
    private static partial Regex VariableRead();

    [GeneratedRegex(@"\bNoosSettings\.FromEnvironment\b", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex SettingsRead();

    [GeneratedRegex(
        @"\b(DateTime(Offset)?\.(Now|UtcNow|Today)|Stopwatch)\b", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex ClockRead();
}
