using Noos.Core;
using Noos.Core.Storage;

namespace Noos.Language.Onnx;

/// <summary>
/// A model in ONNX (https://onnx.ai/onnx/repo-docs/IR.html): a graph with its weights. Only the format is checked here; what the graph
/// means is the business of who runs it.
/// </summary>
/// <param name="Graph">What it computes.</param>
/// <param name="OpsetVersion">Which edition of the standard's operators it is written in.</param>
public sealed record OnnxModel(OnnxGraph Graph, long OpsetVersion)
{
    /// <summary>A file may be so long; its bytes are held in memory while it is read.</summary>
    public const long MaxLength = 1L << 30;

    /// <exception cref="NoosException">
    /// The file is absent (NotFound), unreadable, too large (Refused), or no intact ONNX model (Damaged).
    /// </exception>
    public static OnnxModel Open(string path)
    {
        RegularFile.Require(path);
        try
        {
            using var stream = File.OpenRead(path);
            return stream.Length <= MaxLength ? Read(stream, path) : throw TooLong(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new NoosException(FileErrors.KindOf(e), $"'{path}' cannot be read; the system says: {e.Message.TrimEnd('.')}.", e);
        }
    }

    /// <summary>Reads a model from a stream, to its end.</summary>
    /// <param name="stream">Need not tell its length.</param>
    /// <param name="name">What a refusal calls it.</param>
    /// <exception cref="NoosException">It is too large (Refused), or no intact ONNX model (Damaged).</exception>
    public static OnnxModel Read(Stream stream, string name)
    {
        ArgumentNullException.ThrowIfNull(stream);
        using var bytes = new MemoryStream(stream.CanSeek ? (int)Math.Min(stream.Length, MaxLength) : 0);
        var block = new byte[1 << 16];
        for (int length; (length = stream.Read(block)) > 0;)
        {
            if (bytes.Length + length > MaxLength)
            {
                throw TooLong(name);
            }

            bytes.Write(block, 0, length);
        }

        return Parse(bytes.GetBuffer().AsMemory(0, (int)bytes.Length), name);
    }

    /// <param name="bytes">The file; the tensors of the model share its memory.</param>
    /// <param name="name">What a refusal calls it.</param>
    /// <exception cref="NoosException">It is no intact ONNX model (Damaged).</exception>
    public static OnnxModel Parse(ReadOnlyMemory<byte> bytes, string name)
    {
        try
        {
            return Parse(new ProtobufReader(bytes));
        }
        catch (FormatException e)
        {
            throw new NoosException(
                ErrorKind.Damaged, $"'{name}' is not an intact ONNX model: {e.Message}; make or download it again.", e);
        }
    }

    // ModelProto: graph 7, opset_import 8; OperatorSetIdProto: domain 1, version 2.
    static OnnxModel Parse(ProtobufReader reader)
    {
        OnnxGraph? graph = null;
        long opset = 0;
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 7:
                    graph = OnnxGraph.Parse(reader.Message());
                    break;
                case 8:
                    var (domain, version) = ("", 0L);
                    var entry = reader.Message();
                    while (entry.Next())
                    {
                        switch (entry.Field)
                        {
                            case 1:
                                domain = entry.Text();
                                break;
                            case 2:
                                version = entry.Integer();
                                break;
                            default:
                                entry.Skip();
                                break;
                        }
                    }

                    opset = domain is "" or "ai.onnx" ? version : opset;
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        return graph is null ? throw new FormatException("it has no graph") : new OnnxModel(graph, opset);
    }

    static NoosException TooLong(string name) => new(
        ErrorKind.Refused, $"'{name}' is larger than {MaxLength >> 20} MiB, more than an ONNX model may be here; take a smaller one.");
}
