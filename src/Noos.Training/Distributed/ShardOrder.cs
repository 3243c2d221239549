using Noos.Training.Model;

namespace Noos.Training.Distributed;

/// <summary>Shards to compute: shard s of S takes samples s, s + S, s + 2S, … of the rows.</summary>
/// <param name="Scale">One over the weight of the whole batch.</param>
sealed record ShardOrder(float Scale, IReadOnlyList<int> Shards, IReadOnlyList<TrainingRow> Rows)
{
    public byte[] ToBytes()
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.Write(Scale);
        writer.Write(Shards.Count);
        foreach (var shard in Shards)
        {
            writer.Write(shard);
        }

        writer.Write(Rows.Count);
        foreach (var row in Rows)
        {
            Write(writer, row);
        }

        writer.Flush();
        return stream.ToArray();
    }

    public static ShardOrder FromBytes(byte[] bytes)
    {
        using var reader = new BinaryReader(new MemoryStream(bytes));
        var scale = reader.ReadSingle();
        var shards = new int[reader.ReadInt32()];
        for (var index = 0; index < shards.Length; index++)
        {
            shards[index] = reader.ReadInt32();
        }

        var rows = new TrainingRow[reader.ReadInt32()];
        for (var index = 0; index < rows.Length; index++)
        {
            rows[index] = Read(reader);
        }

        return new ShardOrder(scale, shards, rows);
    }

    static void Write(BinaryWriter writer, TrainingRow row)
    {
        writer.Write(row.Tokens.Length);
        foreach (var token in row.Tokens)
        {
            writer.Write(token);
        }

        writer.Write(row.IsTarget.Length);
        foreach (var isTarget in row.IsTarget)
        {
            writer.Write(isTarget);
        }

        Write(writer, row.Weights);
        writer.Write(row.Extras.Count);
        foreach (var (name, values) in row.Extras)
        {
            writer.Write(name);
            Write(writer, values);
        }
    }

    static TrainingRow Read(BinaryReader reader)
    {
        var tokens = new int[reader.ReadInt32()];
        for (var index = 0; index < tokens.Length; index++)
        {
            tokens[index] = reader.ReadInt32();
        }

        var isTarget = new bool[reader.ReadInt32()];
        for (var index = 0; index < isTarget.Length; index++)
        {
            isTarget[index] = reader.ReadBoolean();
        }

        var weights = ReadFloats(reader);
        var extras = new Dictionary<string, float[]>(StringComparer.Ordinal);
        for (var count = reader.ReadInt32(); count > 0; count--)
        {
            extras.Add(reader.ReadString(), ReadFloats(reader));
        }

        return new TrainingRow(tokens, isTarget) { Weights = weights, Extras = extras };
    }

    static void Write(BinaryWriter writer, float[] values)
    {
        writer.Write(values.Length);
        foreach (var value in values)
        {
            writer.Write(value);
        }
    }

    static float[] ReadFloats(BinaryReader reader)
    {
        var values = new float[reader.ReadInt32()];
        for (var index = 0; index < values.Length; index++)
        {
            values[index] = reader.ReadSingle();
        }

        return values;
    }
}
