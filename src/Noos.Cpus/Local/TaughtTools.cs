using Noos.Language.Gguf;
using Noos.Language.Models;
using Noos.Language.Tokenization;

namespace Noos.Cpus.Local;

/// <summary>
/// Names of the tools that a model was taught: of those that nobody asks for by name it is offered no others. Null stands for a model
/// that may be offered everything, because its template shows it the tools.
/// </summary>
public static class TaughtTools
{
    /// <summary>Reads the head of a GGUF file; no weights.</summary>
    /// <exception cref="Core.NoosException">It is not there, or no model.</exception>
    public static IReadOnlyList<string>? Read(string path)
    {
        using var file = GgufFile.Open(path);
        return file.GetStrings(ModelInfo.ToolsKey) ?? Resolve(named: null, ChatFormats.For(file, Tokenizer.FromGguf(file)));
    }

    /// <param name="named">What the file says; null where it says nothing.</param>
    /// <param name="format">How the model reads conversations.</param>
    // Our layout shows no schemas, so that a model of ours can call nothing but what it was taught; the first one did not say what.
    internal static IReadOnlyList<string>? Resolve(IReadOnlyList<string>? named, IChatFormat format) =>
        named ?? (format is ChatFormat ? ["calculator"] : null);
}
