using Noos.Core;
using Noos.Language.Gguf;

namespace Noos.Language.Architectures;

/// <summary>The families of encoders that the engine computes with; a new one is one file and one line here.</summary>
public static class KnownEncoders
{
    static readonly EncoderArchitecture[] s_all = [new Bert(), new NomicBert(), new JinaBertV2(), new ModernBert()];

    /// <summary>Models of this architecture are encoders.</summary>
    public static bool Contains(string? name) => Array.Exists(s_all, architecture => architecture.Name == name);

    /// <summary>The numbers of an encoder.</summary>
    /// <exception cref="NoosException">The file is of no encoder, or of one that cannot be computed with.</exception>
    public static EncoderConfig Read(GgufFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        var name = file.GetString("general.architecture");
        var architecture = Array.Find(s_all, architecture => architecture.Name == name) ?? throw new NoosException(
            $"The model '{file.Path}' is of architecture '{name ?? "none"}', which is no encoder; choose one of architecture "
            + $"{string.Join(", ", s_all.Select(architecture => architecture.Name))}.");
        return architecture.Read(new ModelMetadata(file, architecture.Name));
    }
}
