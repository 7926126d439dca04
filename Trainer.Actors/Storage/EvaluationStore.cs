using System.Text;
using Google.Protobuf;
using Ralm.Models.Artifacts;
using Ralm.Ranking.Artifacts;
using RalmActors.Messages.Training;

namespace RalmActors.Trainer.Storage;

/// <summary>Evaluations beside the models they judge: the report as JSON, its rows and scores as protobuf, all by content.</summary>
public sealed class EvaluationStore(string folder)
{
    private static readonly JsonFormatter Formatter = new(
        JsonFormatter.Settings.Default.WithPreserveProtoFieldNames(true).WithFormatDefaultValues(true).WithIndentation()
    );

    private static readonly JsonParser Parser = new(JsonParser.Settings.Default.WithIgnoreUnknownFields(true));

    private readonly ContentFolder _reports = new(folder, FileNames.Report);
    private readonly ContentFolder _rows = new(folder, FileNames.Rows);
    private readonly ContentFolder _scores = new(folder, FileNames.Scores);

    /// <summary>Durable when this returns.</summary>
    public EvaluationRef Save(Evaluation report)
    {
        var json = Encoding.UTF8.GetBytes(Formatter.Format(report));
        return new EvaluationRef
        {
            Hash = _reports.Save(json),
            Bytes = json.Length,
            RowsHash = report.RowsHash,
            ScoresHash = report.ScoresHash,
        };
    }

    public string Save(HeldOutRows rows) => _rows.Save(rows.ToByteArray());

    public string Save(HeldOutScores scores) => _scores.Save(scores.ToByteArray());

    /// <exception cref="ArtifactException">Missing, changed, or not an evaluation.</exception>
    public Evaluation Load(string hash) =>
        Read(hash, _reports, b => Parser.Parse<Evaluation>(Encoding.UTF8.GetString(b)));

    public string PathOf(string hash) => _reports.PathOf(hash);

    /// <exception cref="ArtifactException">Missing, changed, or no rows.</exception>
    public HeldOutRows Rows(string hash) => Read(hash, _rows, HeldOutRows.Parser.ParseFrom);

    /// <exception cref="ArtifactException">Missing, changed, or no scores.</exception>
    public HeldOutScores Scores(string hash) => Read(hash, _scores, HeldOutScores.Parser.ParseFrom);

    private static T Read<T>(string hash, ContentFolder from, Func<byte[], T> parse)
    {
        var bytes = from.Load(hash);
        try
        {
            return parse(bytes);
        }
        catch (Exception e) when (e is InvalidProtocolBufferException or InvalidJsonException)
        {
            throw new ArtifactException($"{from.PathOf(hash)} is refused: {e.Message}", e);
        }
    }
}
