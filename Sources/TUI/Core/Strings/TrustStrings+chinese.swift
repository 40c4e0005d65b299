extension TrustStrings {
  static let chinese = TrustStrings(
    encrypted: "TLS 加密",
    notEncrypted: "未加密",
    othersMayRead: "连接未加密：途中的其他人可以读取全部内容。",
    notTrusted: "不受信任",
    speaksOnlyTLS: "服务器只接受 TLS 连接：地址应以 wss:// 开头。",
    speaksNoTLS: "对方不支持 TLS 连接：请询问服务器管理员。",
    unknownTitle: "未知的服务器",
    unknown: { "无法确认服务器 '\($0)' 的真实性。" },
    fingerprint: "其密钥指纹为",
    compare: "请与服务器管理员告知您的指纹核对。",
    prompt: "继续连接吗（是/否/指纹）？",
    yeses: ["是", "yes"],
    noes: ["否", "no", "n"],
    answerYesOrNo: "请输入“是”（yes）、“否”（no）或该指纹。",
    notKept: "无法保存该密钥，下次将再次询问。",
    refusedTitle: "已拒绝连接",
    changed: "警告：远程主机标识已更改！",
    eavesdropping: "此刻可能有人正在窃听您的连接（中间人攻击）！也可能只是主机密钥刚刚更换。",
    remove: { "如经服务器管理员确认已更换，请删除第 \($0) 行（\($1)），再按 Enter。" },
    outOfDate: "服务器证书已过期或尚未生效。请检查本机时间，或告知服务器管理员。",
    otherName: { "服务器证书不属于 '\($0)'：那里应答的是另一台服务器。" },
    nothingSent: "未向服务器发送任何内容。",
    barRetry: "重试"
  )
}
