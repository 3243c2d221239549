using Noos.Core;
using Noos.Core.Settings;
using Noos.Core.Text;
using Noos.Inference.Graphs;
using Noos.Kernel.Speech;
using Noos.Peripherals.Voice.Espeak;
using Noos.Peripherals.Voice.Piper;

namespace Noos.Peripherals.Voice;

/// <summary>
/// The voices of this machine: Piper voices in a folder, one that a setting names, and espeak-ng where it is installed. A voice is opened
/// when it first speaks, and stays open. Thread-safe.
/// </summary>
public sealed class VoiceLibrary : IVoiceSource, IDisposable
{
    /// <summary>The name of espeak-ng; a language behind a colon chooses another than English.</summary>
    public const string EspeakName = "espeak";

    // Names of OpenAI's voices, which clients send who know no others.
    static readonly string[] s_foreign =
        ["alloy", "ash", "ballad", "coral", "echo", "fable", "marin", "cedar", "onyx", "nova", "sage", "shimmer", "verse", "default"];

    static readonly EnumerationOptions s_below = new() { RecurseSubdirectories = true, MaxRecursionDepth = 8, IgnoreInaccessible = true };

    readonly string[] _folders;
    readonly string? _usual;
    readonly GraphOptions _options;
    readonly Lock _opening = new();
    readonly Dictionary<string, IVoice> _open = new(StringComparer.OrdinalIgnoreCase);

    /// <param name="folders">
    /// Where voices lie, in them or below them: below only with their settings beside them, since other models are ONNX files, too. One
    /// that is not there counts as empty.
    /// </param>
    /// <param name="usual">The voice where nobody names one: a name or a file; null for the first that is found.</param>
    /// <param name="options">How voices compute.</param>
    public VoiceLibrary(IEnumerable<string> folders, string? usual = null, GraphOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(folders);
        _folders = [.. folders];
        (_usual, _options) = (usual, options ?? new GraphOptions());
    }

    /// <summary>
    /// The library that the user's settings describe: the folder "voices" of the home, what was pulled into its folder "models", and
    /// NOOS_VOICE unless another voice is given.
    /// </summary>
    public static VoiceLibrary From(NoosSettings settings, string? usual = null)
    {
        ArgumentNullException.ThrowIfNull(settings);
        return new VoiceLibrary([FolderOf(settings), Path.Combine(settings.UserData.Folder, "models")], usual ?? settings.Voice);
    }

    /// <summary>Where a user's voices lie.</summary>
    public static string FolderOf(NoosSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        return Path.Combine(settings.UserData.Folder, "voices");
    }

    public IReadOnlyList<VoiceInfo> List()
    {
        var found = Files().Select(file => Describe(file.Name, file.Path)).ToList();
        if (EspeakProgram.Find() is not null)
        {
            found.Add(new VoiceInfo(EspeakName, "en-us") { Kind = "espeak-ng" });
        }

        var usual = found.FindIndex(voice => _usual is null || voice.Name.Equals(NameOf(_usual), StringComparison.OrdinalIgnoreCase));
        if (usual > 0)
        {
            found.Insert(0, found[usual]);
            found.RemoveAt(usual + 1);
        }

        return found;
    }

    public IVoice Open(string? name)
    {
        var wanted = name is null || s_foreign.Contains(name, StringComparer.OrdinalIgnoreCase) ? _usual : name;
        lock (_opening)
        {
            var files = Files();
            var chosen = wanted
                ?? (files.Count > 0 ? files[0].Name : EspeakProgram.Find() is not null ? EspeakName : throw NoVoice());
            if (_open.TryGetValue(chosen, out var open))
            {
                return open;
            }

            // All that were asked for stay open: somebody may still be listening, and no more can be named than lie here.
            var voice = Find(chosen, files);
            return voice is EspeakVoice ? voice : _open[chosen] = voice;
        }
    }

    public void Dispose()
    {
        lock (_opening)
        {
            foreach (var voice in _open.Values)
            {
                voice.Dispose();
            }

            _open.Clear();
        }
    }

    IVoice Find(string name, List<(string Name, string Path)> files)
    {
        if (name == EspeakName || name.StartsWith(EspeakName + ":", StringComparison.Ordinal))
        {
            var program = EspeakProgram.Find() ?? throw new NoosException(
                ErrorKind.NotFound, "The program espeak-ng is not installed; install it, or choose another voice.");
            return new EspeakVoice(program, name, name.Length > EspeakName.Length ? name[(EspeakName.Length + 1)..] : "en-us");
        }

        if (files.Find(file => file.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) is { Path: { } path })
        {
            return PiperVoice.Open(path, _options);
        }

        // Only whoever starts the program names files, not a request.
        if (name == _usual && File.Exists(name))
        {
            return PiperVoice.Open(name, _options);
        }

        if (files.Count == 0 && EspeakProgram.Find() is null)
        {
            throw NoVoice();
        }

        var known = List().Select(voice => voice.Name).ToList();
        var near = NearestNames.Find(name, known);
        var hint = near.Count > 0 ? $"did you mean {string.Join(" or ", near)}?" : $"there are: {string.Join(", ", known)}.";
        throw new NoosException(ErrorKind.NotFound, $"There is no voice '{name}'; {hint}")
        {
            Parameter = "voice",
        };
    }

    /// <summary>The files of the voices, without espeak-ng.</summary>
    public IReadOnlyList<string> ListFiles() => [.. Files().Select(file => file.Path)];

    List<(string Name, string Path)> Files()
    {
        var files = new List<(string Name, string Path)>();
        if (_usual is not null && File.Exists(_usual))
        {
            files.Add((NameOf(_usual), _usual));
        }

        foreach (var folder in _folders.Where(Directory.Exists))
        {
            files.AddRange(Directory.EnumerateFiles(folder, "*", s_below).Where(IsVoice)
                .Where(path => Path.GetDirectoryName(path) == folder || File.Exists(SettingsOf(path)))
                .Order(StringComparer.Ordinal)
                .Select(path => (NameOf(path), path)));
        }

        return [.. files.DistinctBy(file => file.Name)];
    }

    static bool IsVoice(string path) => path.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase)
        || path.EndsWith(".onnx.zst", StringComparison.OrdinalIgnoreCase);

    /// <summary>What to write for a voice: "en_US-joe-medium" of "en_US-joe-medium.onnx".</summary>
    public static string NameOf(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        var name = Path.GetFileName(path);
        var end = name.IndexOf(".onnx", StringComparison.OrdinalIgnoreCase);
        return end > 0 ? name[..end] : name;
    }

    static string SettingsOf(string path) =>
        path[..(path.LastIndexOf(".onnx", StringComparison.OrdinalIgnoreCase) + ".onnx".Length)] + ".json";

    static VoiceInfo Describe(string name, string path)
    {
        try
        {
            var config = PiperConfig.Open(SettingsOf(path));
            return new VoiceInfo(name, config.Language) { Kind = "Piper", SampleRate = config.SampleRate };
        }
        catch (NoosException)
        {
            // What is wrong with it is said to whoever chooses it.
            return new VoiceInfo(name, "") { Kind = "Piper" };
        }
    }

    NoosException NoVoice() => new(
        ErrorKind.NotFound,
        "No voice is installed; get one with 'noos pull rhasspy/piper-voices:en_US-joe-medium', put a Piper voice (NAME.onnx and "
        + $"NAME.onnx.json) into {_folders.FirstOrDefault("the folder of voices")}, or name its file in NOOS_VOICE.");
}
