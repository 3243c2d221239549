using System.Diagnostics.CodeAnalysis;
using Microsoft.Data.Sqlite;

namespace Noos.Kernel.Journaling;

/// <summary>Statements without parameters.</summary>
static class SqliteConnectionExtensions
{
    [SuppressMessage("Security", "CA2100", Justification = "The statements are constants of the journal.")]
    public static void Execute(this SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    [SuppressMessage("Security", "CA2100", Justification = "The statements are constants of the journal.")]
    public static object? Scalar(this SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }
}
