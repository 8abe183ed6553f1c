# An AMI with K3s in it. README.md describes its benefits and use.

packer {
  required_version = ">= 1.9.0"
  required_plugins {
    amazon = {
      source  = "github.com/hashicorp/amazon"
      version = "= 1.3.9"
    }
  }
}

variable "region" {
  type = string
}

variable "source_ami" {
  type        = string
  description = "the id of Canonical's Ubuntu 24.04 for the architecture, in this region"
  validation {
    condition     = can(regex("^ami-[0-9a-f]{17}$", var.source_ami))
    error_message = "The base image must be an id such as ami-0123456789abcdef0."
  }
}

variable "k3s_version" {
  type        = string
  description = "as in Pulumi's configuration, v1.34.4+k3s1"
}

variable "k3s_sha256" {
  type        = string
  description = "of the architecture's program, as K3s' release lists it"
}

variable "architecture" {
  type    = string
  default = "x86_64"
  validation {
    condition     = contains(["x86_64", "arm64"], var.architecture)
    error_message = "The architecture must be x86_64 or arm64."
  }
}

locals {
  arm  = var.architecture == "arm64"
  name = "nodenap-${replace(var.k3s_version, "+", "-")}-${var.architecture}"
}

source "amazon-ebs" "node" {
  region        = var.region
  instance_type = local.arm ? "t4g.small" : "t3.small"
  ami_name      = "${local.name}-${formatdate("YYYYMMDDhhmm", timestamp())}"
  ssh_username  = "ubuntu"
  imds_support  = "v2.0"
  encrypt_boot  = true

  # Only this computer can reach the builder, while it runs.
  temporary_security_group_source_public_ip = true

  metadata_options {
    http_endpoint               = "enabled"
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }

  # By id, so that builds are reproducible.
  source_ami = var.source_ami

  tags = {
    Name            = local.name
    "nodenap:k3s"   = var.k3s_version
    "nodenap:image" = "{{ .SourceAMI }}"
  }
}

build {
  sources = ["source.amazon-ebs.node"]

  provisioner "file" {
    source      = "${path.root}/../scripts/install_k3s.sh"
    destination = "/tmp/install_k3s.sh"
  }

  provisioner "shell" {
    script          = "${path.root}/provision.sh"
    execute_command = "sudo env {{ .Vars }} bash {{ .Path }}"
    environment_vars = [
      "K3S_VERSION=${var.k3s_version}",
      "K3S_SHA256_AMD64=${local.arm ? "" : var.k3s_sha256}",
      "K3S_SHA256_ARM64=${local.arm ? var.k3s_sha256 : ""}",
    ]
  }

  post-processor "manifest" {
    output = "manifest.json"
  }
}
