using Microsoft.Extensions.AI;
using Noos.Inference;
using Noos.Language;

namespace Noos.Kernel;

/// <summary>
/// Finds the model that one setting names: a GGUF file, the name of one in a models folder, or the address of an OpenAI-compatible
/// endpoint. Without a setting, the variable NOOS_MODEL decides, and without that the only assistant in the models folder.
/// </summary>
public static class ModelSource
{
    /// <summary>The environment variable that chooses the model.</summary>
    public const string Variable = "NOOS_MODEL";

    const string Extension = ".gguf";

    // "Name-base.gguf" is the base model of "Name.gguf".
    const string BaseEnding = "-base";

    /// <summary>A client for the model.</summary>
    /// <param name="setting">What the user chose; null or empty for the default.</param>
    /// <param name="defaults">How the answer is sampled where a request does not say.</param>
    /// <exception cref="NoosException">There is no such model, or it cannot be read; the message says what can be done.</exception>
    public static IChatClient OpenChat(string? setting = null, SamplingOptions? defaults = null)
    {
        var chosen = Choose(setting);
        return chosen is not null && IsEndpoint(chosen)
            ? RemoteModel.Open(chosen, defaults)
            : new LocalChatClient(LanguageModel.Load(FindFile(chosen, wantsBase: false)), defaults);
    }

    /// <summary>The model of a file, for completing text.</summary>
    /// <exception cref="NoosException">There is no such model, or it cannot be read; the message says what can be done.</exception>
    public static LanguageModel OpenBase(string? setting = null) => LanguageModel.Load(FindFile(Choose(setting), wantsBase: true));

    static string? Choose(string? setting)
    {
        var chosen = string.IsNullOrWhiteSpace(setting) ? Environment.GetEnvironmentVariable(Variable) : setting;
        return string.IsNullOrWhiteSpace(chosen) ? null : chosen;
    }

    static bool IsEndpoint(string setting) =>
        setting.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || setting.StartsWith("https://", StringComparison.OrdinalIgnoreCase);

    static string FindFile(string? setting, bool wantsBase)
    {
        if (setting is not null && File.Exists(setting))
        {
            return setting;
        }

        var files = Folders().SelectMany(folder => Directory.EnumerateFiles(folder, "*" + Extension)).ToArray();
        if (setting is not null)
        {
            return files.FirstOrDefault(file => NameOf(file).Equals(NameOf(setting), StringComparison.OrdinalIgnoreCase) && !setting.Contains(Path.DirectorySeparatorChar))
                ?? throw new NoosException($"There is no model '{setting}'; give a .gguf file{Known(files)}.");
        }

        var fitting = files.Where(file => NameOf(file).EndsWith(BaseEnding, StringComparison.OrdinalIgnoreCase) == wantsBase).ToArray();
        return fitting switch
        {
            [var only] => only,
            [] => throw new NoosException($"No {(wantsBase ? "base model" : "assistant")} was found in a models folder; make one with 'noos make recipes/nano.toml', or choose a .gguf file with --model{Known(files)}."),
            _ => throw new NoosException($"There are several models; choose one with --model{Known(fitting)}."),
        };
    }

    /// <summary>Folders named "models": here, above the program (a checkout), and in the user's data.</summary>
    static IEnumerable<string> Folders()
    {
        var candidates = new List<string> { Directory.GetCurrentDirectory() };
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            candidates.Add(folder.FullName);
        }

        candidates.Add(UserData.Folder);
        return candidates.Select(folder => Path.Combine(folder, "models")).Where(Directory.Exists).Distinct(StringComparer.Ordinal);
    }

    static string NameOf(string path) =>
        path.EndsWith(Extension, StringComparison.OrdinalIgnoreCase) ? Path.GetFileNameWithoutExtension(path) : Path.GetFileName(path);

    static string Known(string[] files) => files.Length == 0 ? "" : $" or one of: {string.Join(", ", files.Select(NameOf).Distinct(StringComparer.OrdinalIgnoreCase))}";
}
