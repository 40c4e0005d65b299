/// One row of a pane: runs of text in styles, and where in the row they go.
struct StyledLine {
  struct Run {
    var clusters: [Cluster]
    var style: Style
  }

  enum Alignment {
    case left(indent: Int)
    case center
    /// Centred in a horizontal line across the pane.
    case rule
  }

  var runs: [Run]
  var alignment: Alignment

  var width: Int { runs.reduce(0) { $0 + $1.clusters.width } }
}
