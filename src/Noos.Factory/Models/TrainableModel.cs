using System.IO.Hashing;
using System.Runtime.InteropServices;
using Noos.Core;
using Noos.Core.Storage;
using Noos.Language.Gguf;
using Noos.Language.Models;
using Noos.Language.Tokenization;
using Noos.Training.Model;

namespace Noos.Factory.Models;

/// <summary>
/// A model file of our own kind as the beginning of a training: its shape, vocabulary and weights, dequantized as they are asked for.
/// Thread-safe; holds the file open.
/// </summary>
public sealed class TrainableModel : IDisposable
{
    readonly GgufFile _file;

    TrainableModel(GgufFile file)
    {
        _file = file;
        Config = ModelFile.ReadConfig(file);
        Tokenizer = Tokenizer.FromGguf(file);
        if (!Config.TiedEmbeddings)
        {
            throw new NoosException(
                $"'{file.Path}' has an output matrix of its own, which the trainer lacks; choose a model whose embeddings are tied.");
        }

        Format = new ChatFormat(Tokenizer);
        using var stream = File.OpenRead(file.Path);
        var hash = new XxHash3();
        hash.Append(stream);
        Fingerprint = Convert.ToHexStringLower(hash.GetCurrentHash());
    }

    public TransformerConfig Config { get; }

    public Tokenizer Tokenizer { get; }

    public ChatFormat Format { get; }

    /// <summary>Names the file by content.</summary>
    public string Fingerprint { get; }

    /// <summary>What the file says of itself.</summary>
    public string Name => _file.GetString("general.name") ?? Path.GetFileNameWithoutExtension(_file.Path);

    /// <exception cref="NoosException">There is no such file, it is damaged, or the trainer cannot make such a model.</exception>
    public static TrainableModel Open(string path)
    {
        RegularFile.Require(path);
        var file = GgufFile.Open(path);
        try
        {
            return new TrainableModel(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Gives the transformer's parameters the weights of the file; heads are left alone.</summary>
    /// <exception cref="NoosException">A tensor is missing or has another shape.</exception>
    public void Load(Parameters parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        foreach (var slot in parameters.Layout.TransformerSlots)
        {
            if (!_file.TryGetTensor(slot.Name, out var tensor) || tensor.Count != slot.Length)
            {
                throw new NoosException(
                    ErrorKind.Damaged, $"'{_file.Path}' has no tensor {slot.Name} of {slot.Length:N0} values; export it again.");
            }

            Quantization.Dequantize(
                tensor.Type, _file.Data(tensor), MemoryMarshal.Cast<byte, float>(parameters.BytesOf(slot)));
        }
    }

    /// <summary>Writes other weights as a model file with the vocabulary, layout and advice of this one.</summary>
    /// <param name="path">The file to write or replace; it appears whole.</param>
    /// <param name="parameters">Of the same shape.</param>
    /// <param name="type">Type of the matrices.</param>
    /// <param name="name">What the model is called; null: as this one.</param>
    public void Write(string path, Parameters parameters, GgufTensorType type, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        ModelFile.Write(path, Config, Tokenizer, parameters.ToArray, type, new ModelInfo(name ?? Name)
        {
            Author = _file.GetString("general.author"),
            License = _file.GetString("general.license"),
            ChatTemplate = _file.GetString("tokenizer.chat_template"),
            Sampling = SamplingAdvice.Read(_file),
            Tools = _file.GetStrings(ModelInfo.ToolsKey),
        });
    }

    public void Dispose() => _file.Dispose();
}
