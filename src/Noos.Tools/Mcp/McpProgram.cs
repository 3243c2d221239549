using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;
using Noos.Core;
using Noos.Tools.Code.Sandboxing;

namespace Noos.Tools.Mcp;

/// <summary>
/// A server that is a program, in the sandbox: no network unless its entry says so, a read-only system, and one folder of its own to write
/// in. Ended, with all that it has started, when this is disposed and when Noos ends.
/// </summary>
sealed class McpProgram : IAsyncDisposable
{
    /// <summary>What a server has to end by itself after its input has ended.</summary>
    public static readonly TimeSpan ShutdownTime = TimeSpan.FromSeconds(2);

    // A process ends a little after its pipes do.
    static readonly TimeSpan s_endTime = TimeSpan.FromMilliseconds(500);

    // Servers live for days, and Node.js reserves far more address space than it uses.
    static readonly SandboxLimits s_limits = new()
    {
        AddressSpace = 1L << 46,
        Processes = 256,
        OpenFiles = 4096,
        FolderGrowth = 2L << 30,
        FolderEntries = 50_000,
        TemporaryLength = 256L << 20,
        ProcessorTime = TimeSpan.FromDays(30),
        IdleProcessorTime = TimeSpan.MaxValue,
    };

    readonly ISandboxSession _session;
    readonly string? _temporary;
    readonly Task _errors;
    string? _lastError;

    McpProgram(ISandboxSession session, string? temporary)
    {
        (_session, _temporary) = (session, temporary);
        _errors = ReadErrorsAsync();
    }

    /// <exception cref="NoosException">There is no such program, or nothing here can confine it.</exception>
    public static async Task<McpProgram> StartAsync(
        string name, McpServerEntry server, McpOptions options, CancellationToken cancellationToken)
    {
        var choice = await options.FindSandbox(cancellationToken);
        if (choice.Sandbox is not { } sandbox)
        {
            throw new NoosException(
                ErrorKind.Unavailable,
                $"nothing on this machine can confine its program ({string.Join(' ', choice.Refusals).TrimEnd('.')}); 'noos doctor' says "
                + "what helps, and \"sandbox\": false in mcp.json runs it with all of your rights.");
        }

        var temporary = options.Home is null ? Directory.CreateTempSubdirectory("noos-mcp-").FullName : null;
        try
        {
            var folder = temporary ?? FileModes.CreateFolder(Path.Combine(options.Home!, "mcp", name), FileModes.Private);
            return new McpProgram(sandbox.Start(Describe(server, folder)), temporary);
        }
        catch (Exception e)
        {
            Remove(temporary);
            throw e is IOException or UnauthorizedAccessException
                ? new NoosException(ErrorKind.Unavailable, $"its folder cannot be made: {e.Message}", e)
                : e;
        }
    }

    public IClientTransport CreateTransport() => new StreamClientTransport(_session.Input, _session.Output);

    /// <summary>How it has ended, to be read after its name; null while it runs.</summary>
    public async Task<string?> FindEndAsync()
    {
        if (await Task.WhenAny(_session.Ended, Task.Delay(s_endTime)) != _session.Ended)
        {
            return null;
        }

        await Task.WhenAny(_errors, Task.Delay(s_endTime));
        var end = await _session.Ended;
        end = end.StartsWith("it ", StringComparison.Ordinal) ? end[3..] : $"does not run: {end}";
        return Volatile.Read(ref _lastError) is { } last ? $"{end}: {last}" : $"{end}.";
    }

    public async ValueTask DisposeAsync()
    {
        await _session.Input.DisposeAsync();
        await Task.WhenAny(_session.Ended, Task.Delay(ShutdownTime));
        await _session.DisposeAsync();
        Remove(_temporary);
    }

    static SandboxProgram Describe(McpServerEntry server, string folder)
    {
        var variables = StdioClientTransportOptions.GetDefaultEnvironmentVariables();
        var path = Find(server, variables.GetValueOrDefault("PATH"));
        string[] named = [path, .. (server.Arguments ?? []).Where(argument => argument.StartsWith('/') && argument.Length > 1)];
        return new SandboxProgram(path, server.Arguments ?? [], folder)
        {
            // Of a link both ends are needed.
            ReadOnlyFolders =
            [
                .. named.Concat(named.Select(Target).OfType<string>()).Concat(server.ReadableFolders?.Select(Path.GetFullPath) ?? [])
                    .Concat(server.WorkingFolder is { } working ? [Path.GetFullPath(working)] : [])
                    .Where(Path.Exists).Where(one => !IsOfSystem(one)).Distinct(StringComparer.Ordinal),
            ],
            WritableFolders = [.. (server.WritableFolders ?? []).Select(Existing)],
            WorkingFolder = server.WorkingFolder is { } begins ? Existing(begins) : null,
            HasNetwork = server.HasNetwork,
            MayLink = true,
            Environment = server.Environment ?? new Dictionary<string, string>(),
            Limits = s_limits,
        };
    }

    /// <summary>What the program sees first, and then where its user would find it.</summary>
    static string Find(McpServerEntry server, string? userPath)
    {
        var command = server.Command!;
        if (command.Contains('/'))
        {
            var full = Path.GetFullPath(command, Path.GetFullPath(server.WorkingFolder ?? "."));
            return File.Exists(full) ? full : throw new NoosException(ErrorKind.NotFound, $"there is no program '{full}'.");
        }

        var folders = $"{SystemFolders.Path}:{server.Environment?.GetValueOrDefault("PATH")}:{userPath}";
        var found = folders.Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, command)).FirstOrDefault(File.Exists);
        return found ?? throw new NoosException(ErrorKind.NotFound, $"there is no program '{command}' in the PATH.");
    }

    static string? Target(string path) => File.Exists(path) ? File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName : null;

    static string Existing(string folder) => Directory.Exists(folder) ? Path.GetFullPath(folder) : throw new NoosException(
        ErrorKind.NotFound, $"there is no folder '{folder}', which its entry in mcp.json names.");

    // Those are there for every program; to mount them once more would only hide what is in them.
    static bool IsOfSystem(string path) => SystemFolders.Programs.Any(
        folder => path == folder || path.StartsWith(folder + "/", StringComparison.Ordinal));

    static void Remove(string? folder)
    {
        if (folder is not null && Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    async Task ReadErrorsAsync()
    {
        try
        {
            using var errors = new StreamReader(_session.Error);
            var buffer = new char[4096];
            var line = new System.Text.StringBuilder();
            // In pieces: a line may be without end.
            while (await errors.ReadAsync(buffer) is > 0 and var count)
            {
                foreach (var character in buffer.AsSpan(0, count))
                {
                    if (character == '\n')
                    {
                        Keep(line);
                    }
                    else if (line.Length < buffer.Length)
                    {
                        line.Append(character);
                    }
                }
            }

            Keep(line);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // It has ended.
        }

        void Keep(System.Text.StringBuilder line)
        {
            if (line.ToString().Trim() is { Length: > 0 } text)
            {
                Volatile.Write(ref _lastError, text);
            }

            line.Clear();
        }
    }
}
