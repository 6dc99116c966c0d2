# frozen_string_literal: true

# Mail to the people who run the app.
class DevMailer < ActionMailer::Base
  default from: "noreply@example.org"

  def inspect_object(object:, subject:, to:)
    mail(to:, subject: "[OpenStax] [Accounts] (#{Rails.env}) #{subject}", body: object.inspect)
  end
end
