using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Noos.Server;
using Noos.Testing;

namespace Noos.Cli.Tests;

/// <summary>
/// What is in deploy/ fits what a release holds. The files themselves are read in every run; the folder of a release is tried where
/// <c>./noos release</c> has made one.
/// </summary>
public sealed partial class ReleaseTests(Terminal terminal) : IClassFixture<Terminal>
{
    const string Installed = "/opt/noos";
    const int MaxTries = 10;

    static CancellationToken Token => TestContext.Current.CancellationToken;

    static string Release => Path.Combine(ShippedModelTests.Repository, "artifacts", "release", "noos-linux-x64");

    [Fact]
    public void Container_is_made_of_the_folder_of_a_release_by_its_user_and_at_its_port()
    {
        var lines = File.ReadAllLines(Deployed("Containerfile")).Where(line => line.Length > 0 && line[0] != '#').ToArray();
        var copy = Words("COPY");

        // deploy/release writes "$out/noos-$rid", with the root's artifacts/release as $out.
        Assert.Equal([Path.GetRelativePath(ShippedModelTests.Repository, Release), Installed], copy);
        Assert.Contains("out=\"$root/artifacts/release\"", File.ReadAllText(Deployed("release")), StringComparison.Ordinal);
        Assert.Contains("folder=\"$out/noos-$rid\"", File.ReadAllText(Deployed("release")), StringComparison.Ordinal);
        Assert.Contains(
            "!" + copy[0], File.ReadAllLines(Path.Combine(ShippedModelTests.Repository, ".dockerignore")), StringComparer.Ordinal);
        // The base of the framework that the program is built for; without a shell, so every command is a list of words.
        var framework = $"{Environment.Version.Major}.{Environment.Version.Minor}";
        Assert.Equal(["$BASE"], Words("FROM"));
        Assert.StartsWith(
            $"ARG BASE=mcr.microsoft.com/dotnet/runtime-deps:{framework}-", lines[0], StringComparison.Ordinal);
        Assert.Equal(["$APP_UID"], Words("USER"));
        Assert.Equal([$"{ServerOptions.DefaultPort}"], Words("EXPOSE"));
        Assert.Equal([$"NOOS_HOME={Words("VOLUME")[0]}"], Words("ENV"));
        Assert.Equal([$"{Installed}/noos"], List("ENTRYPOINT"));
        Assert.Equal([$"{Installed}/noos", "doctor", "--server"], List("HEALTHCHECK"));
        Assert.Equal("up", List("CMD")[0]);

        string Line(string instruction) => Assert.Single(lines, line => line.StartsWith(instruction + " ", StringComparison.Ordinal));

        string[] Words(string instruction) => Line(instruction)[instruction.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries);

        string[] List(string instruction) =>
            [.. Quoted().Matches(Line(instruction)).Select(word => word.Groups["word"].Value)];
    }

    [Fact]
    public async Task Commands_of_the_service_and_the_container_have_the_options_that_they_are_given()
    {
        var service = File.ReadAllLines(Deployed("noos.service"));
        var start = Assert.Single(service, line => line.StartsWith("ExecStart=", StringComparison.Ordinal))["ExecStart=".Length..];
        var container = File.ReadAllLines(Deployed("Containerfile")).Where(line => line.Contains('[', StringComparison.Ordinal))
            .SelectMany(line => Quoted().Matches(line).Select(word => word.Groups["word"].Value)).ToArray();
        var up = await terminal.RunAsync(["up", "--help"]);
        var doctor = await terminal.RunAsync(["doctor", "--help"]);

        Assert.StartsWith($"{Installed}/noos up ", start, StringComparison.Ordinal);
        Assert.Contains($"--port {ServerOptions.DefaultPort}", start, StringComparison.Ordinal);
        Assert.All(
            start.Split(' ').Concat(container).Where(word => word.StartsWith("--", StringComparison.Ordinal)),
            option => Assert.Contains(option, up.Output + doctor.Output, StringComparison.Ordinal));
        // A stop waits for answers that have begun: longer than --grace.
        var seconds = Assert.Single(service, line => line.StartsWith("TimeoutStopSec=", StringComparison.Ordinal)).Split('=')[1];
        Assert.True(int.Parse(seconds, CultureInfo.InvariantCulture) > 10);
    }

    [Fact]
    public async Task Folder_of_a_release_starts_without_a_runtime_and_answers_its_health_command()
    {
        RequireRelease();
        using var home = new TemporaryFolder();
        string[] all =
        [
            "noos", "noos.dll", "libcoreclr.so", "libe_sqlite3.so", "libtorch.proj", "noos.service", "LICENSE", "README.md",
            "models/Llama-Noos-Nano.gguf", "encyclopedia/Noos-Encyclopedia.jsonl.zst",
        ];
        Assert.All(all, name => Assert.True(File.Exists(Path.Combine(Release, name)), name));
        // Whoever runs it in the container is not who unpacked it.
        Assert.True(
            !OperatingSystem.IsLinux()
            || File.GetUnixFileMode(Path.Combine(Release, "noos")).HasFlag(UnixFileMode.OtherExecute | UnixFileMode.OtherRead));

        var before = await RunAsync(home.Path, "doctor", "--server");
        using var server = Start(home.Path, "up", "--port", "0", "--log-format", "json");
        var greeting = await server.StandardOutput.ReadLineAsync(Token);
        while (!File.Exists(home.File("server.json")))
        {
            await Task.Delay(20, Token);
        }

        // As a supervisor does it, which asks a few times: a busy machine may answer late.
        var after = await RunAsync(home.Path, "doctor", "--server");
        for (var tries = 1; tries < MaxTries && after.ExitCode != 0 && !server.HasExited; tries++)
        {
            after = await RunAsync(home.Path, "doctor", "--server");
        }

        server.Kill();
        await server.WaitForExitAsync(Token);

        Assert.Contains("Llama-Noos-Nano is up", greeting, StringComparison.Ordinal);
        Assert.Equal(69, before.ExitCode);
        Assert.Equal((0, ""), (after.ExitCode, after.Error));
    }

    [Fact]
    public async Task Release_without_libtorch_says_how_to_get_it_in_a_sentence()
    {
        RequireRelease();
        using var home = new TemporaryFolder();
        using var recipe = new TinyRecipe();

        var result = await RunAsync(home.Path, "pretrain", recipe.Write(), "--out", recipe.In("out"));

        Assert.Equal(69, result.ExitCode);
        Assert.StartsWith(
            "libtorch, which computes the training, is fetched with the .NET 10 SDK, and no 'dotnet' can be started here; install it",
            Assert.Single(result.Error.Trim().Split('\n')), StringComparison.Ordinal);
    }

    static string Deployed(string name) => Path.Combine(ShippedModelTests.Repository, "deploy", name);

    static void RequireRelease() => Assert.SkipUnless(
        File.Exists(Path.Combine(Release, "noos")), "There is no release here; './noos release' makes one.");

    static async Task<Terminal.Result> RunAsync(string home, params string[] arguments)
    {
        using var process = Start(home, arguments);
        var error = process.StandardError.ReadToEndAsync(Token);
        var output = await process.StandardOutput.ReadToEndAsync(Token);
        await process.WaitForExitAsync(Token);
        return new Terminal.Result(process.ExitCode, output, await error);
    }

    /// <summary>As in the container: another home, no .NET, no packages.</summary>
    static Process Start(string home, params string[] arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(Release, "noos"), arguments)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = home,
        };
        start.Environment.Clear();
        start.Environment["HOME"] = home;
        start.Environment["NOOS_HOME"] = home;
        start.Environment["PATH"] = "/nowhere";
        return Process.Start(start)!;
    }

    [GeneratedRegex("\"(?<word>[^\"]*)\"", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Quoted();
}
